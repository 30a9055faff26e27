#include "api/request_log.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "common/ascii.h"
#include "common/duration.h"
#include "common/log_fields.h"

namespace skald::api {
namespace {

// Whatever the settings say: these let whoever reads the log pass for somebody else.
constexpr std::array<std::string_view, 5> kSecretHeaders = {
    "authorization", "cookie", "x-access-token", "x-csrf-token", "x-grafana-id"};

// Of "10.0.0.7:51234" and "[2001:db8::1]:51234".
std::string_view HostOf(std::string_view address) {
  std::string_view host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

// What the first `for=` of a Forwarded header names.
std::string_view FirstForwarded(std::string_view header) {
  constexpr std::string_view kFor = "for=";
  for (size_t at = 0; at + kFor.size() <= header.size(); ++at) {
    if (!EqualsIgnoringCase(header.substr(at, kFor.size()), kFor)) continue;
    std::string_view name = header.substr(at + kFor.size());
    name = name.substr(0, name.find_first_of(";, "));
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) {
      name = name.substr(1, name.size() - 2);
    }
    return name;
  }
  return {};
}

}  // namespace

Status RequestLog::Check(const Options& options) {
  if (options.source_ip_header.empty() != options.source_ip_regex.empty()) {
    return InvalidArgument(
        "server.log_source_ips_header and server.log_source_ips_regex must be set together");
  }
  return Annotate(Regex::Compile(options.source_ip_regex).status(), "server.log_source_ips_regex");
}

RequestLog::RequestLog(Options options) : options_(std::move(options)) {
  for (std::string& name : options_.excluded_headers) name = LowerCase(name);
  if (options_.source_ip_header.empty()) return;
  if (auto regex = Regex::Compile(options_.source_ip_regex); regex.ok()) {
    source_ip_regex_ = *std::move(regex);
  }
}

void RequestLog::Observe(const net::RequestRecord& record) const {
  const LogLevel level = options_.at_info ? LogLevel::kInfo : LogLevel::kDebug;
  if (record.request == nullptr || level < GetLogLevel()) return;
  const net::Request& request = *record.request;
  const Nanoseconds took(static_cast<int64_t>(record.seconds * 1e9));
  std::vector<LogField> fields;
  if (options_.source_ips) fields.emplace_back("sourceIPs", SourceIps(request));
  if (options_.headers) fields.emplace_back("headers", HeadersOf(request));
  LogFields(level,
            request.method + " " + request.target + " (" + std::to_string(record.status) + ") " +
                FormatGoDuration(took),
            fields);
}

std::string RequestLog::SourceIps(const net::Request& request) const {
  const std::string_view peer = HostOf(request.remote_address);
  std::string named = NamedByProxies(request);
  if (named.empty() || named == peer) return std::string(peer);
  return std::move(named) + ", " + std::string(peer);
}

std::string RequestLog::NamedByProxies(const net::Request& request) const {
  const net::Headers& headers = request.headers;
  if (source_ip_regex_ != nullptr) {
    const std::string_view value = headers.Get(options_.source_ip_header);
    std::vector<std::pair<int, int>> groups;
    if (!source_ip_regex_->Find(value, 0, groups)) return {};
    const auto [begin, end] = groups[groups.size() > 1 ? 1 : 0];
    return begin < 0 ? std::string()
                     : std::string(value.substr(static_cast<size_t>(begin),
                                                static_cast<size_t>(end - begin)));
  }
  if (const std::string_view all = headers.Get("X-Forwarded-For"); !all.empty()) {
    return std::string(options_.all_source_ips ? all : all.substr(0, all.find(',')));
  }
  if (const std::string_view real = headers.Get("X-Real-IP"); !real.empty()) {
    return std::string(real);
  }
  return std::string(FirstForwarded(headers.Get("Forwarded")));
}

std::string RequestLog::HeadersOf(const net::Request& request) const {
  const auto excluded = [&](std::string_view name) {
    const auto same = [name](std::string_view other) { return EqualsIgnoringCase(name, other); };
    return std::any_of(kSecretHeaders.begin(), kSecretHeaders.end(), same) ||
           std::any_of(options_.excluded_headers.begin(), options_.excluded_headers.end(), same);
  };
  std::string text;
  for (const auto& [name, value] : request.headers) {
    if (excluded(name)) continue;
    text.append(text.empty() ? "" : "; ").append(name).append(": ").append(value);
  }
  return text;
}

}  // namespace skald::api

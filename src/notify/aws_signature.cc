#include "notify/aws_signature.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "common/ascii.h"
#include "common/civil_time.h"
#include "common/sha256.h"
#include "net/http_types.h"

namespace skald::notify {
namespace {

// POST                                                   what is hashed and signed: method,
// /workspaces/a/api/v1/remote_write                      path, its escapes escaped once more,
//                                                        query, sorted,
// content-type:application/x-protobuf                    fields by name,
// host:aps-workspaces.eu-west-1.amazonaws.com
// x-amz-date:20150830T123600Z
//
// content-type;host;x-amz-date                           their names,
// e3b0c442...                                            SHA-256 of the body.
constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

struct UrlParts {
  std::string_view host;  // With its port, unless that is the scheme's own.
  std::string_view path;
  std::string_view query;
};

UrlParts Split(std::string_view url) {
  const size_t begin = url.find("://") + 3;
  const std::string_view own_port = url.starts_with("https:") ? ":443" : ":80";
  const size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  std::string_view host = url.substr(begin, end - begin);
  if (host.ends_with(own_port)) host.remove_suffix(own_port.size());
  url = url.substr(end, url.find('#', end) - end);
  const size_t mark = std::min(url.find('?'), url.size());
  return {.host = host,
          .path = mark == 0 ? "/" : url.substr(0, mark),
          .query = url.substr(std::min(mark + 1, url.size()))};
}

std::string CanonicalPath(std::string_view path) {
  std::string encoded;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    if (begin > 0) encoded += '/';
    encoded += net::EncodeUrlComponent(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return encoded;
}

// Encoded as AWS does it, whatever spelling the URL has.
std::string Recode(std::string_view part) {
  const auto decoded = net::DecodeQueryComponent(part);
  return net::EncodeUrlComponent(decoded.ok() ? std::string_view(*decoded) : part);
}

std::string CanonicalQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (size_t begin = 0; begin < query.size();) {
    const size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view pair = query.substr(begin, end - begin);
    const size_t equal = std::min(pair.find('='), pair.size());
    if (!pair.empty()) {
      pairs.emplace_back(Recode(pair.substr(0, equal)),
                         Recode(pair.substr(std::min(equal + 1, pair.size()))));
    }
    begin = end + 1;
  }
  std::sort(pairs.begin(), pairs.end());
  std::string text;
  for (const auto& [name, value] : pairs) {
    text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
  }
  return text;
}

// Without blanks at the ends, and one where there are more.
std::string Trim(std::string_view value) {
  std::string trimmed;
  for (const char c : value) {
    if (c != ' ' || (!trimmed.empty() && trimmed.back() != ' ')) trimmed += c;
  }
  if (trimmed.ends_with(' ')) trimmed.pop_back();
  return trimmed;
}

// By name in lower case.
std::map<std::string, std::string> SignedFields(const net::Headers& headers) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : headers) {
    const std::string lower = LowerCase(name);
    if (lower != "host" && lower != "content-type" && !lower.starts_with("x-amz-")) continue;
    const auto [field, fresh] = fields.emplace(lower, Trim(value));
    if (!fresh) field->second += "," + Trim(value);
  }
  return fields;
}

}  // namespace

std::string AwsAuthorization(const AwsKeys& keys, const AwsScope& scope,
                             const net::ClientRequest& request) {
  const UrlParts url = Split(request.url);
  std::string names;
  std::string fields;
  for (const auto& [name, value] : SignedFields(request.headers)) {
    fields.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  const std::string canonical = request.method + "\n" + CanonicalPath(url.path) + "\n" +
                                CanonicalQuery(url.query) + "\n" + fields + "\n" + names + "\n" +
                                Sha256Hex(request.body);
  const std::string time(request.headers.Get("X-Amz-Date"));
  const std::string day = time.substr(0, 8);
  std::string place = day;
  std::string key = HmacSha256("AWS4" + keys.secret_key, day);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), kTerminator}) {
    place.append("/").append(part);
    key = HmacSha256(key, part);
  }
  const std::string text =
      std::string(kAlgorithm) + "\n" + time + "\n" + place + "\n" + Sha256Hex(canonical);
  return std::string(kAlgorithm) + " Credential=" + keys.access_key + "/" + place +
         ", SignedHeaders=" + names + ", Signature=" + HmacSha256Hex(key, text);
}

void SignForAws(const AwsKeys& keys, const AwsScope& scope, int64_t now_ns,
                net::ClientRequest& request) {
  const CivilTime t = ToCivilTime(now_ns);
  std::array<char, 96> time = {};
  std::snprintf(time.data(), time.size(), "%04d%02d%02dT%02d%02d%02dZ", t.year, t.month, t.day,
                t.hour, t.minute, t.second);
  request.headers.Set("Host", Split(request.url).host);
  request.headers.Set("X-Amz-Date", time.data());
  request.headers.Set("X-Amz-Content-Sha256", Sha256Hex(request.body));
  if (!keys.session_token.empty()) {
    request.headers.Set("X-Amz-Security-Token", keys.session_token);
  }
  request.headers.Set("Authorization", AwsAuthorization(keys, scope, request));
}

}  // namespace skald::notify

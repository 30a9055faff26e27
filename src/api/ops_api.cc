#include "api/ops_api.h"

#include <utility>

#include "api/error_response.h"
#include "common/json_writer.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "logql/parser.h"
#include "wire/rfc3339.h"

namespace skald::api {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";

// {"status":"...","message":"..."}; no status if it is empty.
net::Response MessageResponse(int http_status, std::string_view status, std::string_view message) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (!status.empty()) {
    json.Key("status");
    json.String(status);
  }
  json.Key("message");
  json.String(message);
  json.EndObject();
  return net::MakeResponse(http_status, kJson, std::move(body));
}

std::string TimeText(int64_t time_ns) {
  std::string text;
  wire::AppendRfc3339(text, time_ns);
  return text;
}

// `text` as it may stand in HTML.
std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

}  // namespace

OpsApi::OpsApi(Options options, const TenantAuth& auth, const ring::MemberStore& ring,
               const Clock& clock)
    : options_(std::move(options)), auth_(auth), ring_(ring), clock_(clock) {}

net::Response OpsApi::Ready(net::Request&) {
  if (const Status status = options_.ready(); !status.ok()) {
    return ErrorResponse(503, status.message(), Audience::kWriter);
  }
  return net::TextResponse(200, "ready\n");
}

net::Response OpsApi::Metrics(net::Request&) {
  net::Response response =
      net::MakeResponse(200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
                        skald::Metrics::Expose());
  response.compressible = true;
  return response;
}

net::Response OpsApi::BuildInformation(net::Request&) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  const std::pair<std::string_view, std::string_view> fields[] = {{"version", options_.version},
                                                                  {"revision", options_.revision},
                                                                  {"branch", "HEAD"},
                                                                  {"buildUser", ""},
                                                                  {"buildDate", ""},
                                                                  {"goVersion", ""}};
  for (const auto& [name, value] : fields) {
    json.Key(name);
    json.String(value);
  }
  json.EndObject();
  return net::MakeResponse(200, kJson, std::move(body));
}

net::Response OpsApi::Config(net::Request& request) {
  const auto params = net::ParseForm(request);
  if (!params.ok()) {
    return ErrorResponse(params.status(), Audience::kWriter);
  }
  return net::TextResponse(200, options_.print_config(params->Get("mode")));
}

net::Response OpsApi::Services(net::Request&) {
  std::string body;
  for (const std::string& service : options_.services) {
    body.append(service).append(" => Running\n");
  }
  return net::TextResponse(200, std::move(body));
}

net::Response OpsApi::GetLogLevel(net::Request&) {
  return MessageResponse(200, "",
                         "Current log level is " + std::string(LogLevelName(skald::GetLogLevel())));
}

net::Response OpsApi::SetLogLevel(net::Request& request) {
  const auto params = net::ParseForm(request);
  const auto level =
      params.ok() ? ParseLogLevel(params->Get("log_level")) : Result<LogLevel>(params.status());
  if (!level.ok()) {
    return MessageResponse(400, "failed", level.status().message());
  }
  skald::SetLogLevel(*level);
  return MessageResponse(200, "success", "Log level set to " + std::string(LogLevelName(*level)));
}

net::Response OpsApi::Flush(net::Request&) {
  options_.start_flush();
  return net::Response{.status = 204};
}

net::Response OpsApi::FlushTenant(net::Request& request) {
  const auto tenant = auth_.ForWrite(request);
  if (!tenant.ok()) {
    return ErrorResponse(tenant.status(), Audience::kWriter);
  }
  const auto params = net::ParseForm(request);
  if (!params.ok()) {
    return ErrorResponse(params.status(), Audience::kWriter);
  }
  model::Matchers matchers;
  if (const std::string_view streams = params->Get("streams"); !streams.empty()) {
    auto selector = logql::ParseSelector(streams);
    if (!selector.ok()) {
      return ErrorResponse(selector.status(), Audience::kWriter);
    }
    matchers = *std::move(selector);
  }
  if (const Status status = options_.flush_tenant(*tenant, matchers); !status.ok()) {
    return ErrorResponse(500, status.message(), Audience::kWriter);
  }
  return net::Response{.status = 204};
}

net::Response OpsApi::Ring(net::Request& request) {
  if (request.headers.HasToken("Accept", "application/json")) {
    return net::MakeResponse(200, "application/json", RingJson());
  }
  return net::MakeResponse(200, "text/html", RingPage());
}

std::string OpsApi::RingJson() const {
  const auto ring = ring_.ring();
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("shards");
  json.BeginArray();
  for (const ring::Member& member : ring->members()) {
    json.BeginObject();
    json.Key("id");
    json.String(member.id);
    json.Key("state");
    json.String(ring::MemberStateName(member.state));
    json.Key("address");
    json.String(member.address);
    json.Key("timestamp");
    json.String(TimeText(member.heartbeat_ns));
    json.Key("zone");
    json.String(member.zone);
    json.Key("tokens");
    json.BeginArray();
    for (const uint32_t token : member.tokens) {
      json.Uint(token);
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.Key("now");
  json.String(TimeText(clock_.NowNs()));
  json.EndObject();
  return body;
}

std::string OpsApi::RingPage() const {
  const auto ring = ring_.ring();
  std::string body =
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Ring</title></head>"
      "<body><h1>Ring</h1><table><tr><th>Id</th><th>State</th><th>Address</th><th>Zone</th>"
      "<th>Last heartbeat</th><th>Tokens</th></tr>";
  for (const ring::Member& member : ring->members()) {
    body += "<tr><td>" + EscapeHtml(member.id) + "</td><td>" +
            std::string(ring::MemberStateName(member.state)) + "</td><td>" +
            EscapeHtml(member.address) + "</td><td>" + EscapeHtml(member.zone) + "</td><td>" +
            TimeText(member.heartbeat_ns) + "</td><td>" + std::to_string(member.tokens.size()) +
            "</td></tr>";
  }
  return body + "</table></body></html>\n";
}

}  // namespace skald::api

#include "api/ops_api.h"

#include <map>
#include <utility>

#include "api/error_response.h"
#include "api/metrics_format.h"
#include "common/json_writer.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "common/open_metrics.h"
#include "logql/parser.h"

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

}  // namespace

OpsApi::OpsApi(Options options, const TenantAuth& auth)
    : options_(std::move(options)), auth_(auth) {}

net::Response OpsApi::Ready(net::Request&) {
  if (const Status status = options_.ready(); !status.ok()) {
    return ErrorResponse(503, status.message(), Audience::kWriter);
  }
  std::map<std::string_view, size_t> down;  // Services that do not run, by their state.
  for (const Service& service : options_.services()) {
    if (service.state != kRunning) {
      ++down[service.state];
    }
  }
  if (down.empty()) {
    return net::TextResponse(200, "ready\n");
  }
  std::string text = "Some services are not Running:";
  for (const auto& [state, count] : down) {
    text.append("\n").append(state).append(": ").append(std::to_string(count));
  }
  return ErrorResponse(503, text, Audience::kWriter);
}

net::Response OpsApi::Metrics(net::Request& request) {
  const MetricsFormat format = ChooseMetricsFormat(request.headers.Get("Accept"));
  net::Response response = net::MakeResponse(
      200, MetricsContentType(format),
      format == MetricsFormat::kOpenMetrics ? ExposeOpenMetrics() : skald::Metrics::Expose());
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
  for (const Service& service : options_.services()) {
    body.append(service.name).append(" => ").append(service.state).append("\n");
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

}  // namespace skald::api

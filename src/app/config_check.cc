#include "app/config_check.h"

#include <cstdio>
#include <string>

#include "api/request_log.h"
#include "app/limits_check.h"
#include "app/schema_check.h"
#include "common/logging.h"
#include "net/tls_options.h"
#include "net/tls_versions.h"

namespace skald::app {
namespace {

// "0.9"
std::string FormatShare(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", share);
  return text;
}

Status CheckServer(const AppConfig& config) {
  if (config.http_listen_port < 0 || config.http_listen_port > 65535) {
    return InvalidArgument("server.http_listen_port: " + std::to_string(config.http_listen_port) +
                           " is no port");
  }
  return {};
}

Status CheckProxyProtocol(const AppConfig& config) {
  if (!config.proxy_protocol_enabled) return {};
  return InvalidArgument(
      "server.proxy_protocol_enabled: the PROXY protocol is not understood, so that no request "
      "behind such a proxy would be; have it send X-Forwarded-For, and set "
      "server.log_source_ips_enabled");
}

// But for what files hold, which is looked at when it is used.
Status CheckTls(const AppConfig& config) {
  SKALD_RETURN_IF_ERROR(net::CheckTlsOptions(config.http.tls, "server.http_tls_config").status());
  SKALD_RETURN_IF_ERROR(net::CheckTlsOptions(config.grpc.tls, "server.grpc_tls_config").status());
  SKALD_RETURN_IF_ERROR(net::ReadTlsVersion(config.http.tls_min_version).status());
  return net::ReadCipherSuites(config.http.tls_cipher_suites).status();
}

Status CheckLogLevel(const AppConfig& config) {
  return ParseLogLevel(config.log_level).ok()
             ? Status()
             : InvalidArgument("server.log_level: unrecognized log level \"" + config.log_level +
                               "\"");
}

Status CheckLogFormat(const AppConfig& config) {
  return Annotate(ParseLogFormat(config.log_format).status(), "server.log_format");
}

Status CheckTenant(const AppConfig& config) {
  return config.no_auth_tenant.empty() ? InvalidArgument("no_auth_tenant must not be empty")
                                       : Status();
}

Status CheckQueries(const AppConfig& config) {
  return config.max_concurrent_queries > 0
             ? Status()
             : InvalidArgument("querier.max_concurrent must be greater than 0");
}

Status CheckPatterns(const AppConfig& config) {
  if (!(config.pattern_feed.cpu_share > 0)) {
    return InvalidArgument("pattern_ingester.cpu_share must be greater than 0");
  }
  if (config.metric_aggregation.sample_period.count() <= 0 ||
      config.metric_aggregation.push_period.count() <= 0) {
    return InvalidArgument(
        "pattern_ingester.metric_aggregation: sample_period and push_period must be above 0");
  }
  if (config.pattern_persistence.push_period.count() <= 0) {
    return InvalidArgument(
        "pattern_ingester.pattern_persistence.push_period must be greater than 0");
  }
  if (config.pattern_feed.sweep_period.count() <= 0) {
    return InvalidArgument("pattern_ingester.flush_check_period must be greater than 0");
  }
  return {};
}

Status CheckDiskShare(const AppConfig& config) {
  // Above that one pushes are refused before anything goes.
  const double threshold = config.ingester.wal.disk_full_threshold;
  if (!(threshold >= 0 && threshold <= 1)) {
    return InvalidArgument("ingester.wal.disk_full_threshold: must be from 0 to 1");
  }
  const double most = threshold > 0 ? threshold : 1;
  const double share = config.size_retention.max_disk_share;
  if (share >= 0 && share < most) return {};
  return InvalidArgument("compactor.retention_max_disk_share: must be from 0 to less than " +
                         FormatShare(most) + ", at which pushes are refused");
}

Status CheckWalCodec(const AppConfig& config) {
  if (config.wal_codec == "none" || config.wal_codec == "lz4") return {};
  return InvalidArgument("ingester.wal.codec: must be none or lz4, not '" + config.wal_codec + "'");
}

Status CheckTarget(const AppConfig& config) {
  return config.target == "all" ? Status()
                                : InvalidArgument("target: unknown module '" + config.target +
                                                  "'; this version knows: all");
}

}  // namespace

Status CheckConfig(const AppConfig& config, const Status& completed) {
  std::string text;
  int count = 0;
  for (const Status& status :
       {CheckServer(config), CheckProxyProtocol(config), api::RequestLog::Check(config.request_log),
        CheckTls(config), CheckLogLevel(config), CheckLogFormat(config), CheckTenant(config),
        CheckQueries(config), CheckPatterns(config), CheckDiskShare(config), CheckWalCodec(config),
        CheckSchemas(config.schema_configs), Annotate(CheckLimits(config.limits), "limits_config"),
        CheckRulerConfig(config.ruler), completed, CheckTarget(config)}) {
    if (status.ok()) continue;
    text.append(count++ == 0 ? "" : "\n").append("CONFIG ERROR: ").append(status.message());
  }
  if (count == 0) return {};
  return InvalidArgument((count == 1 ? "" : std::string(kManyErrors) + "\n") + text);
}

}  // namespace skald::app

#include "api/routes.h"

#include <initializer_list>
#include <string_view>

#include "api/request_metrics.h"
#include "api/slow_query_log.h"
#include "common/ascii.h"

namespace skald::api {
namespace {

using Methods = std::initializer_list<std::string_view>;

const Methods kGet = {"GET"};
const Methods kPost = {"POST"};
const Methods kGetPost = {"GET", "POST"};
const Methods kPutPost = {"PUT", "POST"};
const Methods kDelete = {"DELETE"};
const Methods kGetPostDelete = {"GET", "POST", "DELETE"};

// A method of one of the adapters as a handler.
template <typename Api>
net::Handler Bind(Api& api, net::Response (Api::*method)(net::Request&)) {
  return [&api, method](net::Request& request) { return (api.*method)(request); };
}

// The route's name in metrics: "loki_api_v1_label_name_values" of
// "/loki/api/v1/label/{name}/values".
std::string RouteName(std::string_view pattern) {
  std::string name;
  for (const char c : pattern) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      name.push_back(LowerCase(c));
    } else if (!name.empty() && name.back() != '_') {
      name.push_back('_');
    }
  }
  if (!name.empty() && name.back() == '_') {
    name.pop_back();
  }
  return name;
}

// `add` takes methods, path, handler and options.
template <typename Add>
void AddRuleRoutes(RulesApi& rules, const Add& add) {
  const auto route = [&](Methods methods, std::string_view path, auto method) {
    add(methods, path, Bind(rules, method), net::RouteOptions());
  };
  for (const std::string prefix : {"/loki/api/v1/rules", "/api/prom/rules"}) {
    route(kGet, prefix, &RulesApi::List);
    route(kGet, prefix + "/{namespace}", &RulesApi::ListNamespace);
    route(kPost, prefix + "/{namespace}", &RulesApi::SetGroup);
    route(kDelete, prefix + "/{namespace}", &RulesApi::DeleteNamespace);
    route(kGet, prefix + "/{namespace}/{group}", &RulesApi::GetGroup);
    route(kDelete, prefix + "/{namespace}/{group}", &RulesApi::DeleteGroup);
  }
  route(kGet, "/prometheus/api/v1/rules", &RulesApi::States);
  route(kGet, "/prometheus/api/v1/alerts", &RulesApi::Alerts);
}

}  // namespace

void AddRoutes(const Routes& routes, net::Router& router) {
  net::RouteOptions query_options;
  query_options.max_body_bytes = routes.max_query_body_bytes;
  query_options.executor = routes.query_threads;
  query_options.slash_in_names = false;
  net::RouteOptions queued_options = query_options;
  queued_options.gate = routes.query_queue;
  const net::RouteOptions push_options = routes.push.route_options();

  const auto add = [&](Methods methods, std::string_view path, net::Handler handler,
                       const net::RouteOptions& options) {
    const std::string name = RouteName(path);
    router.Add(methods, routes.path_prefix + std::string(path), name,
               CountInFlight(methods, name, std::move(handler)), options);
  };
  const auto push = [&](std::string_view path, auto method) {
    add(kPost, path, Bind(routes.push, method), push_options);
  };
  // Whatever waits for the query path.
  const auto read_by = [&](const net::RouteOptions& options) {
    return [&add, &routes, &options](std::string_view path, auto& api, auto method) {
      add(kGetPost, path,
          LogSlowQueries(routes.log_queries_longer_than, routes.clock, Bind(api, method)), options);
    };
  };
  const auto read = read_by(query_options);
  const auto read_lines = read_by(queued_options);
  const auto query = [&](std::string_view path, auto method) {
    read_lines(path, routes.query, method);
  };
  const auto metadata = [&](std::string_view path, auto method) {
    read(path, routes.metadata, method);
  };
  const auto fields = [&](std::string_view path, auto method) {
    read_lines(path, routes.fields, method);
  };
  const auto volume = [&](std::string_view path, auto method) {
    read(path, routes.volume, method);
  };
  const auto ops = [&](Methods methods, std::string_view path, auto method) {
    add(methods, path, Bind(routes.ops, method), {});
  };
  const auto profile = [&](std::string_view path, auto method) {
    add(kGetPost, path, Bind(routes.profile, method), {});
  };
  const auto ingester = [&](Methods methods, std::string_view path, auto method) {
    add(methods, path, Bind(routes.ingester, method), {});
  };

  push("/loki/api/v1/push", &PushApi::Push);
  push("/api/prom/push", &PushApi::LegacyPush);
  add(kPost, "/otlp/v1/logs", Bind(routes.otlp, &OtlpApi::Logs), routes.otlp.route_options());

  query("/loki/api/v1/query", &QueryApi::Query);
  query("/loki/api/v1/query_range", &QueryApi::QueryRange);
  query("/api/prom/query", &QueryApi::LegacyQuery);
  read("/loki/api/v1/format_query", routes.query, &QueryApi::FormatQuery);

  add(kGetPost, "/loki/api/v1/tail", Bind(routes.tail, &TailApi::Tail), query_options);
  add(kGetPost, "/api/prom/tail", Bind(routes.tail, &TailApi::LegacyTail), query_options);

  metadata("/loki/api/v1/labels", &MetadataApi::Labels);
  metadata("/loki/api/v1/label", &MetadataApi::Labels);
  metadata("/api/prom/label", &MetadataApi::Labels);
  metadata("/loki/api/v1/label/{name}/values", &MetadataApi::LabelValues);
  metadata("/api/prom/label/{name}/values", &MetadataApi::LabelValues);
  metadata("/loki/api/v1/series", &MetadataApi::Series);
  metadata("/api/prom/series", &MetadataApi::Series);
  metadata("/loki/api/v1/detected_labels", &MetadataApi::DetectedLabels);
  metadata("/api/v1/cardinality", &MetadataApi::Cardinality);

  volume("/loki/api/v1/index/stats", &VolumeApi::Stats);
  volume("/loki/api/v1/index/volume", &VolumeApi::Volume);
  volume("/loki/api/v1/index/volume_range", &VolumeApi::VolumeRange);
  volume("/loki/api/v1/index/shards", &VolumeApi::Shards);

  fields("/loki/api/v1/detected_fields", &FieldsApi::DetectedFields);
  fields("/loki/api/v1/detected_field/{name}/values", &FieldsApi::DetectedFieldValues);
  fields("/api/v1/field_stats", &FieldsApi::FieldStats);

  read("/loki/api/v1/patterns", routes.patterns, &PatternsApi::Patterns);
  read("/api/v1/explain", routes.explain, &ExplainApi::Explain);

  add(kGet, "/config/tenant/v1/limits", Bind(routes.tenant_limits, &TenantLimitsApi::Limits), {});
  add(kGet, "/loki/api/v1/drilldown-limits",
      Bind(routes.tenant_limits, &TenantLimitsApi::DrilldownLimits), {});

  const auto deletes = [&](Methods methods, std::string_view path, auto method) {
    add(methods, path, Bind(routes.deletes, method), {});
  };
  if (routes.deletes.enabled()) {
    deletes(kPutPost, "/loki/api/v1/delete", &DeletesApi::Create);
    deletes(kGet, "/loki/api/v1/delete", &DeletesApi::List);
    deletes(kDelete, "/loki/api/v1/delete", &DeletesApi::Cancel);
    deletes(kGet, "/loki/api/v1/cache/generation_numbers", &DeletesApi::Generation);
    deletes(kPost, "/loki/api/v1/cache/generation_numbers/increase",
            &DeletesApi::IncreaseGeneration);
  }
  deletes({"*"}, "/compactor/ui/api/v1/deletes", &DeletesApi::Page);

  ops(kGet, "/ready", &OpsApi::Ready);
  if (routes.instrumentation) {
    ops(kGet, "/metrics", &OpsApi::Metrics);
    profile("/debug/pprof", &ProfileApi::Index);
    profile("/debug/pprof/", &ProfileApi::Index);
    profile("/debug/pprof/profile", &ProfileApi::CpuProfile);
    profile("/debug/pprof/heap", &ProfileApi::HeapProfile);
    profile("/debug/pprof/allocs", &ProfileApi::HeapProfile);
    profile("/debug/pprof/{name}", &ProfileApi::Missing);
  }
  profile("/debug/fgprof", &ProfileApi::NoWallClock);
  ops(kGet, "/config", &OpsApi::Config);
  ops(kGet, "/services", &OpsApi::Services);
  ops(kGet, "/log_level", &OpsApi::GetLogLevel);
  ops(kPost, "/log_level", &OpsApi::SetLogLevel);
  ops(kGet, "/loki/api/v1/status/buildinfo", &OpsApi::BuildInformation);
  ops(kGetPost, "/flush", &OpsApi::Flush);
  ops(kPost, "/flush/tenant", &OpsApi::FlushTenant);

  ingester(kGetPost, "/ingester/shutdown", &IngesterApi::Shutdown);
  ingester(kGetPostDelete, "/ingester/prepare_shutdown", &IngesterApi::PrepareShutdown);
  ingester(kGetPostDelete, "/ingester/prepare_partition_downscale",
           &IngesterApi::PreparePartitionDownscale);

  if (routes.rules != nullptr) AddRuleRoutes(*routes.rules, add);
  net::RouteOptions snapshot_options;
  snapshot_options.executor = routes.query_threads;  // Copying may take minutes.
  add(kPost, "/api/v1/snapshot", Bind(routes.snapshot, &SnapshotApi::Take), snapshot_options);

  // One process plays all parts, so the members of one are those of all.
  for (const std::string_view path :
       {"/ring", "/distributor/ring", "/scheduler/ring", "/indexgateway/ring"}) {
    add(kGetPost, path, Bind(routes.ring, &RingApi::Ring), {});
  }
  add(kGetPost, "/ruler/ring", Bind(routes.ruler_ring, &RingApi::Ring), {});
  add({"*"}, "/compactor/ring", Bind(routes.ring, &RingApi::Ring), {});
  if (routes.pattern_ring) {
    add(kGetPost, "/pattern/ring", Bind(routes.ring, &RingApi::Ring), {});
  }
  add({"*"}, "/memberlist", Bind(routes.ring, &RingApi::Memberlist), {});
}

}  // namespace skald::api

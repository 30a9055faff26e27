#include "app/api_parts.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api/request_metrics.h"
#include "api/routes.h"
#include "app/own_ring.h"
#include "app/version.h"
#include "common/logging.h"
#include "common/memory_size.h"

namespace skald::app {
namespace {

std::string PrintConfig(const Settings& settings, std::string_view mode) {
  return mode == "diff"       ? settings.PrintChanged()
         : mode == "defaults" ? settings.PrintDefaults()
                              : settings.PrintAll();
}

api::TenantAuth::Options AuthOptions(const AppConfig& config) {
  return {.enabled = config.auth_enabled,
          .no_auth_tenant = config.no_auth_tenant,
          .multi_tenant_queries = config.multi_tenant_queries_enabled};
}

api::TenantLimitsApi::Options TenantLimitsOptions(const AppConfig& config) {
  return {.published = config.tenant_limits_allow_publish,
          .otlp_index_labels = config.otlp_index_labels,
          .pattern_ingester_enabled = config.pattern_ingester_enabled,
          .version = std::string(kLokiVersion)};
}

// Flushes on a query thread: the ingester's own background threads do the work that it waits for.
void FlushInBackground(ingester::Ingester& ingester, Executor& threads) {
  threads.Submit([&ingester] {
    if (const Status status = ingester.Flush(); !status.ok()) {
      LogError("flush failed", {{"err", status}});
    }
  });
}

std::vector<api::Service> Services(const ingester::Ingester& ingester, bool rules, bool patterns) {
  std::vector<api::Service> services = {
      {"compactor", api::kRunning},
      {"distributor", api::kRunning},
      {"ingester", ingester.stopped() ? "Terminated" : api::kRunning},
      {"querier", api::kRunning},
      {"query-frontend", api::kRunning},
      {"ring", api::kRunning},
      {"server", api::kRunning},
      {"store", api::kRunning}};
  if (rules) services.push_back({"ruler", api::kRunning});
  if (patterns) services.push_back({"pattern-ingester", api::kRunning});
  return services;
}

api::OpsApi::Options OpsOptions(const ApiParts::Deps& deps) {
  api::OpsApi::Options ops;
  ops.version = kLokiVersion;
  ops.revision = kRevision;
  ops.services = [&ingester = deps.write.ingester(), rules = deps.rules != nullptr,
                  patterns = deps.write.patterns() != nullptr] {
    return Services(ingester, rules, patterns);
  };
  ops.ready = deps.ready;
  ops.print_config = [&configuration = deps.configuration](std::string_view mode) {
    return PrintConfig(configuration.settings(), mode);
  };
  ingester::Ingester& ingester = deps.write.ingester();
  ops.start_flush = [&ingester, &threads = deps.query_handlers] {
    FlushInBackground(ingester, threads);
  };
  ops.flush_tenant = [&ingester](const model::TenantId& tenant, const model::Matchers& matchers) {
    return ingester.Flush(tenant, matchers);
  };
  return ops;
}

// What a push may be when unpacked: a share of the memory that leaves room for several at once,
// where the setting is larger. Its default, Loki's, would let one small body fill a machine.
uint64_t MaxDecompressedBytes(const AppConfig& config) {
  constexpr uint64_t kLeast = 128 << 20;  // More than any client sends at once.
  constexpr uint64_t kShare = 32;
  return std::min(config.max_decompressed_size, std::max(kLeast, MemoryBytes() / kShare));
}

// Where others would find this process: a ring of one has nobody who looks.
std::string RingAddress(const AppConfig& config) {
  const std::string& served = config.grpc.address;
  const bool anywhere = served.empty() || served == "0.0.0.0" || served == "::";
  const std::string host = !config.instance_addr.empty() ? config.instance_addr
                           : anywhere                    ? "127.0.0.1"
                                                         : served;
  const bool bare_ipv6 = host.find(':') != host.npos && host[0] != '[';
  return (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(config.grpc.port);
}

api::ReaderOptions ReaderOptions(const ApiParts::Deps& deps) {
  return {.per_request_limits = deps.configuration.config().per_request_limits_enabled};
}

// The frontend's setting and the scheduler's are for one queue here: the smaller counts.
api::QueryQueue::Options QueueOptions(const AppConfig& config) {
  api::QueryQueue::Options options;
  options.max_running = QueriesAtOnce(config);
  options.max_waiting = config.frontend_max_outstanding;
  const uint64_t other = config.scheduler_max_outstanding;
  if (options.max_waiting == 0 || (other != 0 && other < options.max_waiting)) {
    options.max_waiting = other;
  }
  return options;
}

}  // namespace

size_t QueriesAtOnce(const AppConfig& config) {
  return static_cast<size_t>(config.max_concurrent_queries);
}

ApiParts::ApiParts(const Deps& deps)
    : auth_(AuthOptions(deps.configuration.config())),
      push_({.max_body_bytes = deps.configuration.config().max_recv_msg_size,
             .max_decompressed_bytes = MaxDecompressedBytes(deps.configuration.config())},
            auth_, deps.write.distributor()),
      otlp_mappings_(deps.limits, deps.configuration.config().otlp_index_labels),
      otlp_({.max_body_bytes = deps.configuration.config().max_recv_msg_size,
             .max_decompressed_bytes = MaxDecompressedBytes(deps.configuration.config())},
            {.auth = auth_,
             .mappings = otlp_mappings_,
             .distributor = deps.write.distributor(),
             .clock = deps.clock}),
      push_service_({.auth = auth_,
                     .mappings = otlp_mappings_,
                     .distributor = deps.write.distributor(),
                     .clock = deps.clock}),
      query_queue_(QueueOptions(deps.configuration.config()),
                   {.auth = auth_, .threads = deps.query_handlers, .clock = deps.clock}),
      query_(ReaderOptions(deps), auth_, deps.read.querier(), deps.clock),
      tail_(ReaderOptions(deps), auth_, deps.read.tails(), deps.clock),
      metadata_({.reader = ReaderOptions(deps), .workers = &deps.query_workers}, auth_,
                deps.read.metadata(), deps.clock),
      fields_(ReaderOptions(deps), auth_, deps.read.querier(), deps.clock),
      volume_(ReaderOptions(deps), auth_, deps.read.volume(), deps.read.metadata(), deps.clock),
      explain_(ReaderOptions(deps), auth_, deps.read.querier(), deps.clock),
      patterns_(ReaderOptions(deps), auth_, deps.read.patterns(), deps.clock),
      tenant_limits_(TenantLimitsOptions(deps.configuration.config()), auth_, deps.limits),
      ops_(OpsOptions(deps), auth_),
      ring_({.own_id = std::string(kMemberId),
             .own_address = RingAddress(deps.configuration.config())},
            deps.write.ring(), deps.clock),
      ruler_ring_({.own_id = std::string(kMemberId),
                   .own_address = RingAddress(deps.configuration.config()),
                   .title = "Ruler Ring Status"},
                  deps.ruler_ring, deps.clock),
      ingester_control_(deps.write, deps.terminate),
      ingester_(ingester_control_),
      profile_(deps.clock),
      snapshot_control_(deps.write.snapshots()),
      snapshot_(snapshot_control_),
      deletes_({.enabled = deps.configuration.config().retention_enabled,
                .max_interval = deps.configuration.config().delete_max_interval},
               auth_, deps.write.delete_requests(), deps.limits, deps.clock) {
  if (deps.rules != nullptr && deps.configuration.config().ruler.enable_api) {
    rules_.emplace(auth_, deps.rules->store(), deps.rules->ruler(), deps.limits);
  }
  api::AddRoutes({.push = push_,
                  .otlp = otlp_,
                  .query = query_,
                  .tail = tail_,
                  .metadata = metadata_,
                  .fields = fields_,
                  .volume = volume_,
                  .explain = explain_,
                  .patterns = patterns_,
                  .tenant_limits = tenant_limits_,
                  .ops = ops_,
                  .ring = ring_,
                  .ruler_ring = ruler_ring_,
                  .rules = rules_.has_value() ? &*rules_ : nullptr,
                  .ingester = ingester_,
                  .profile = profile_,
                  .snapshot = snapshot_,
                  .deletes = deletes_,
                  .path_prefix = deps.configuration.config().http_path_prefix,
                  .instrumentation = deps.configuration.config().register_instrumentation,
                  .pattern_ring = deps.write.patterns() != nullptr,
                  .max_query_body_bytes = deps.configuration.config().frontend_max_body_size,
                  .clock = deps.clock,
                  .log_queries_longer_than = deps.configuration.config().log_queries_longer_than,
                  .query_threads = &deps.query_handlers,
                  .query_queue = &query_queue_},
                 router_);
  api::PublishBuild(std::string(kVersion), std::string(kRevision));
}

}  // namespace skald::app

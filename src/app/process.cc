#include "app/process.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/explain_api.h"
#include "api/fields_api.h"
#include "api/metadata_api.h"
#include "api/ops_api.h"
#include "api/push_api.h"
#include "api/query_api.h"
#include "api/request_metrics.h"
#include "api/routes.h"
#include "api/tenant_auth.h"
#include "api/volume_api.h"
#include "app/version.h"
#include "chunkstore/chunk_store.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "distributor/distributor.h"
#include "distributor/replicator.h"
#include "ingester/ingester.h"
#include "ingester/store_sink.h"
#include "net/http_server.h"
#include "net/router.h"
#include "querier/ingester_source.h"
#include "querier/merged_source.h"
#include "querier/metadata_query.h"
#include "querier/querier.h"
#include "querier/store_source.h"
#include "querier/volume_query.h"
#include "ring/in_memory_member_store.h"

namespace skald::app {
namespace {

constexpr size_t kRingTokens = 128;  // Of this process; any number does for a ring of one.
// Requests that are answered at once; more wait. Each may wait for the disk, so more than cores.
constexpr size_t kQueryHandlers = 32;

size_t Cores() { return std::max<size_t>(std::thread::hardware_concurrency(), 1); }

size_t QueryThreads(const AppConfig& config) {
  return config.query_threads > 0 ? static_cast<size_t>(config.query_threads) : Cores();
}

chunkstore::ChunkStore::Options StoreOptions(const AppConfig& config) {
  chunkstore::ChunkStore::Options options;
  options.index_folder = config.index_directory;
  options.pack_bytes = config.ingester.pack_bytes;
  options.fetcher.block_cache_bytes = config.chunk_cache_bytes;
  return options;
}

net::HttpServerOptions ServerOptions(const AppConfig& config) {
  net::HttpServerOptions options = config.http;
  if (!config.compress_responses) {
    options.gzip_min_bytes = std::numeric_limits<size_t>::max();
  }
  return options;
}

ring::Member ThisMember(const Clock& clock) {
  ring::Member member;
  member.id = "skald";
  member.heartbeat_ns = clock.NowNs();
  member.tokens = ring::MakeTokens(kRingTokens, 1);
  return member;
}

void PublishRing(const ring::TokenRing& ring) {
  for (const ring::MemberState state :
       {ring::MemberState::kActive, ring::MemberState::kPending, ring::MemberState::kJoining,
        ring::MemberState::kLeaving, ring::MemberState::kUnhealthy}) {
    Metrics::GetGauge("loki_ring_members", "Members of the ring by state.",
                      {{"name", "ingester"}, {"state", std::string(MemberStateName(state))}})
        .Set(static_cast<double>(ring.CountInState(state)));
  }
  size_t tokens = 0;
  for (const ring::Member& member : ring.members()) {
    tokens += member.tokens.size();
  }
  Metrics::GetGauge("loki_ring_tokens_total", "Tokens of all members of the ring.",
                    {{"name", "ingester"}})
      .Set(static_cast<double>(tokens));
}

std::string PrintConfig(const Settings& settings, std::string_view mode) {
  return mode == "diff"       ? settings.PrintChanged()
         : mode == "defaults" ? settings.PrintDefaults()
                              : settings.PrintAll();
}

}  // namespace

// In the order in which each needs those above it; destroyed from the bottom up.
struct Process::Parts {
  Parts(const Configuration& configuration, const Clock& clock)
      : configuration(configuration),
        config(configuration.config()),
        clock(clock),
        limits(config.limits),
        query_handlers("query", kQueryHandlers),
        query_workers("query-work", QueryThreads(config)),
        background("background", Cores()) {}

  const Configuration& configuration;
  const AppConfig& config;
  const Clock& clock;
  const std::unique_ptr<FileSystem> files = MakePosixFileSystem();
  const StaticLimits limits;
  std::atomic<bool> serving = false;

  Executor query_handlers;
  Executor query_workers;
  Executor background;

  std::unique_ptr<chunkstore::FsObjectStore> objects;
  std::unique_ptr<chunkstore::ChunkStore> store;
  std::unique_ptr<ingester::StoreSink> sink;
  std::unique_ptr<ingester::Ingester> ingester;

  ring::InMemoryMemberStore ring;
  std::unique_ptr<distributor::Replicator> replicator;
  std::unique_ptr<distributor::Distributor> distributor;

  std::unique_ptr<querier::IngesterSource> ingester_source;
  std::unique_ptr<querier::StoreSource> store_source;
  std::unique_ptr<querier::MergedSource> source;
  std::unique_ptr<querier::Querier> querier;
  std::unique_ptr<querier::MetadataQuery> metadata;
  std::unique_ptr<querier::VolumeQuery> volume;

  std::unique_ptr<api::TenantAuth> auth;
  std::unique_ptr<api::PushApi> push_api;
  std::unique_ptr<api::QueryApi> query_api;
  std::unique_ptr<api::MetadataApi> metadata_api;
  std::unique_ptr<api::FieldsApi> fields_api;
  std::unique_ptr<api::VolumeApi> volume_api;
  std::unique_ptr<api::ExplainApi> explain_api;
  std::unique_ptr<api::OpsApi> ops_api;
  api::RequestMetrics request_metrics;
  net::Router router;
  std::unique_ptr<net::HttpServer> http;

  Status OpenData();
  Status BuildWritePath();
  void BuildReadPath();
  void BuildApi();
  Status Serve();
  void FlushInBackground();
};

Status Process::Parts::OpenData() {
  SKALD_ASSIGN_OR_RETURN(objects, chunkstore::FsObjectStore::Open(*files, config.chunks_directory));
  SKALD_ASSIGN_OR_RETURN(store,
                         chunkstore::ChunkStore::Open(StoreOptions(config), *objects, clock));
  sink = std::make_unique<ingester::StoreSink>(*store);
  SKALD_ASSIGN_OR_RETURN(ingester,
                         ingester::Ingester::Open(config.ingester, {.files = *files,
                                                                    .clock = clock,
                                                                    .limits = limits,
                                                                    .sink = *sink,
                                                                    .background = background,
                                                                    .stream_share = nullptr}));
  return {};
}

Status Process::Parts::BuildWritePath() {
  SKALD_RETURN_IF_ERROR(ring.Put(ThisMember(clock)));
  PublishRing(*ring.ring());
  replicator = std::make_unique<distributor::Replicator>(
      ring, 1, [this](const ring::Member&) { return ingester.get(); });
  distributor = std::make_unique<distributor::Distributor>(distributor::Distributor::Options(),
                                                           limits, *replicator, clock);
  return {};
}

void Process::Parts::BuildReadPath() {
  ingester_source = std::make_unique<querier::IngesterSource>(
      [this] { return std::vector<rpc::IngesterClient*>{ingester.get()}; });
  store_source = std::make_unique<querier::StoreSource>(*store);
  source = std::make_unique<querier::MergedSource>(
      std::vector<querier::StreamSource*>{ingester_source.get(), store_source.get()});
  querier = std::make_unique<querier::Querier>(*source, limits, query_workers, clock);
  metadata = std::make_unique<querier::MetadataQuery>(
      querier::MetadataQuery::Options{.multi_tenant = config.multi_tenant_queries_enabled}, *source,
      limits, clock);
  volume = std::make_unique<querier::VolumeQuery>(*source, limits, clock);
}

void Process::Parts::BuildApi() {
  auth = std::make_unique<api::TenantAuth>(
      api::TenantAuth::Options{.enabled = config.auth_enabled,
                               .no_auth_tenant = config.no_auth_tenant,
                               .multi_tenant_queries = config.multi_tenant_queries_enabled});
  push_api = std::make_unique<api::PushApi>(
      api::PushApi::Options{.max_body_bytes = config.max_recv_msg_size,
                            .max_decompressed_bytes = config.max_decompressed_size},
      *auth, *distributor);
  query_api = std::make_unique<api::QueryApi>(
      api::QueryApi::Options{.per_request_limits = config.per_request_limits_enabled}, *auth,
      *querier, clock);
  metadata_api = std::make_unique<api::MetadataApi>(
      api::MetadataApi::Options{.per_request_limits = config.per_request_limits_enabled}, *auth,
      *metadata, clock);
  fields_api = std::make_unique<api::FieldsApi>(
      api::FieldsApi::Options{.per_request_limits = config.per_request_limits_enabled}, *auth,
      *querier, clock);
  volume_api = std::make_unique<api::VolumeApi>(
      api::VolumeApi::Options{.per_request_limits = config.per_request_limits_enabled}, *auth,
      *volume, *metadata, clock);
  explain_api = std::make_unique<api::ExplainApi>(
      api::ExplainApi::Options{.per_request_limits = config.per_request_limits_enabled}, *auth,
      *querier, clock);
  api::OpsApi::Options ops;
  ops.version = kLokiVersion;
  ops.revision = kRevision;
  ops.services = {"distributor", "ingester", "querier", "query-frontend",
                  "ring",        "server",   "store"};
  ops.ready = [this] { return serving ? Status() : Unavailable("Application is stopping"); };
  ops.print_config = [this](std::string_view mode) {
    return PrintConfig(configuration.settings(), mode);
  };
  ops.start_flush = [this] { FlushInBackground(); };
  ops.flush_tenant = [this](const model::TenantId& tenant, const model::Matchers& matchers) {
    return ingester->Flush(tenant, matchers);
  };
  ops_api = std::make_unique<api::OpsApi>(std::move(ops), *auth, ring, clock);
  api::AddRoutes({.push = *push_api,
                  .query = *query_api,
                  .metadata = *metadata_api,
                  .fields = *fields_api,
                  .volume = *volume_api,
                  .explain = *explain_api,
                  .ops = *ops_api,
                  .path_prefix = "",
                  .max_query_body_bytes = config.frontend_max_body_size,
                  .query_threads = &query_handlers},
                 router);
  api::PublishBuild(std::string(kVersion), std::string(kRevision));
}

// Flushes on a query thread: the ingester's own background threads do the work that it waits for.
void Process::Parts::FlushInBackground() {
  query_handlers.Submit([this] {
    if (const Status status = ingester->Flush(); !status.ok()) {
      LogError("flush failed", {{"err", status}});
    }
  });
}

Status Process::Parts::Serve() {
  http = std::make_unique<net::HttpServer>(
      ServerOptions(config), router, clock,
      [this](const net::RequestRecord& record) { request_metrics.Observe(record); });
  serving = true;
  return http->Start();
}

Process::Process(const Configuration& configuration, const Clock& clock)
    : parts_(std::make_unique<Parts>(configuration, clock)) {}

Process::~Process() { Stop(); }

Status Process::Start() {
  SKALD_RETURN_IF_ERROR(parts_->OpenData());
  SKALD_RETURN_IF_ERROR(parts_->BuildWritePath());
  parts_->BuildReadPath();
  parts_->BuildApi();
  return parts_->Serve();
}

void Process::Stop() {
  parts_->serving = false;
  if (parts_->http != nullptr) {
    parts_->http->Stop(parts_->config.graceful_shutdown_timeout);
  }
  if (parts_->ingester != nullptr) {
    if (const Status status = parts_->ingester->Stop(); !status.ok()) {
      LogError("stopping the ingester failed", {{"err", status}});
    }
  }
  parts_->query_handlers.Stop();
  parts_->query_workers.Stop();
  parts_->background.Stop();
}

uint16_t Process::http_port() const { return parts_->http == nullptr ? 0 : parts_->http->port(); }

}  // namespace skald::app

#include "app/process.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>
#include <utility>

#include "api/request_log.h"
#include "api/request_metrics.h"
#include "app/api_parts.h"
#include "app/limits_check.h"
#include "app/own_ring.h"
#include "app/process_memory.h"
#include "app/read_path.h"
#include "app/rule_path.h"
#include "app/runtime_config.h"
#include "app/write_path.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/logging.h"
#include "common/tenant_limits.h"
#include "net/grpc_host.h"
#include "net/http_server.h"
#include "ring/in_memory_member_store.h"

namespace skald::app {
namespace {

// Questions about metadata that are answered at once, beside the queries; more wait. Each may wait
// for the disk, so more than cores.
constexpr size_t kQueryHandlers = 32;
// Pushes over gRPC that are stored at once: each waits for the log to be on disk.
constexpr size_t kGrpcHandlers = 16;

// Live tails only run the stages of their queries on what is pushed.
constexpr size_t kTailThreads = 2;

size_t Cores() { return std::max<size_t>(std::thread::hardware_concurrency(), 1); }

size_t QueryThreads(const AppConfig& config) {
  return config.query_threads > 0 ? static_cast<size_t>(config.query_threads) : Cores();
}

net::HttpServerOptions ServerOptions(const AppConfig& config) {
  net::HttpServerOptions options = config.http;
  if (!config.compress_responses) {
    options.gzip_min_bytes = std::numeric_limits<size_t>::max();
  }
  return options;
}

// Those of all have been warned of at the start.
Status CheckTenantLimits(const Limits& limits) {
  for (const std::string& warning : LimitsWarnings(limits)) LogWarn("overrides: " + warning);
  return CheckLimits(limits);
}

}  // namespace

// In the order in which each needs those above it; destroyed from the bottom up.
struct Process::Parts {
  Parts(const Configuration& configuration, const Clock& clock, std::function<void()> terminate)
      : configuration(configuration),
        config(configuration.config()),
        clock(clock),
        terminate(std::move(terminate)),
        limits(config.limits, CheckTenantLimits),
        runtime_config(config.runtime_config, *files, clock, limits),
        memory(ShareMemory(config)),
        request_log(config.request_log),
        query_handlers("query", kQueryHandlers + QueriesAtOnce(config)),
        grpc_handlers("grpc", kGrpcHandlers),
        query_workers("query-work", QueryThreads(config)),
        tailers("tail", kTailThreads),
        background("background", Cores(), ThreadWeight::kFlush) {}

  const Configuration& configuration;
  const AppConfig& config;
  const Clock& clock;
  const std::function<void()> terminate;
  const std::unique_ptr<FileSystem> files = MakePosixFileSystem();
  TenantLimits limits;
  RuntimeConfig runtime_config;
  ProcessMemory memory;
  std::atomic<bool> serving = false;
  const api::RequestLog request_log;

  Executor query_handlers;
  Executor grpc_handlers;
  Executor query_workers;
  Executor tailers;
  Executor background;

  std::unique_ptr<WritePath> write;
  std::unique_ptr<ReadPath> read;
  ring::InMemoryMemberStore ruler_ring;
  std::unique_ptr<RulePath> rules;
  std::unique_ptr<ApiParts> api;
  api::RequestMetrics request_metrics;
  std::unique_ptr<net::HttpServer> http;
  std::unique_ptr<net::GrpcHost> grpc;

  Status Build();
  Status Serve();
};

Status Process::Parts::Build() {
  SKALD_RETURN_IF_ERROR(runtime_config.Start());
  SKALD_ASSIGN_OR_RETURN(write, WritePath::Open({.config = config,
                                                 .limits = limits,
                                                 .clock = clock,
                                                 .background = background,
                                                 .lookups = query_workers,
                                                 .memory = memory}));
  read = std::make_unique<ReadPath>(ReadPath::Deps{.config = config,
                                                   .limits = limits,
                                                   .clock = clock,
                                                   .handlers = query_handlers,
                                                   .workers = query_workers,
                                                   .tailers = tailers,
                                                   .data = *write,
                                                   .memory = memory});
  SKALD_RETURN_IF_ERROR(JoinRing("ruler", clock, ruler_ring));
  SKALD_ASSIGN_OR_RETURN(rules, RulePath::Open({.config = config.ruler,
                                                .notify = config.notify,
                                                .path_prefix = config.path_prefix,
                                                .limits = limits,
                                                .clock = clock,
                                                .querier = read->querier(),
                                                .ring = ruler_ring,
                                                .member_id = kMemberId}));
  api = std::make_unique<ApiParts>(ApiParts::Deps{
      .configuration = configuration,
      .limits = limits,
      .clock = clock,
      .query_handlers = query_handlers,
      .query_workers = query_workers,
      .write = *write,
      .read = *read,
      .rules = rules.get(),
      .ruler_ring = ruler_ring,
      .ready = [this] { return serving ? Status() : Unavailable("Application is stopping"); },
      .terminate = terminate});
  return {};
}

Status Process::Parts::Serve() {
  const net::RequestObserver observer = [this](const net::RequestRecord& record) {
    request_metrics.Observe(record);
    request_log.Observe(record);
  };
  http = std::make_unique<net::HttpServer>(ServerOptions(config), api->router(), clock, observer);
  grpc = std::make_unique<net::GrpcHost>(config.grpc, grpc_handlers, observer);
  api->AddTo(*grpc);
  serving = true;
  SKALD_RETURN_IF_ERROR(grpc->Start());
  return http->Start();
}

Process::Process(const Configuration& configuration, const Clock& clock,
                 std::function<void()> terminate)
    : parts_(std::make_unique<Parts>(configuration, clock, std::move(terminate))) {}

Process::~Process() { Stop(); }

Status Process::Start() {
  SKALD_RETURN_IF_ERROR(parts_->Build());
  return parts_->Serve();
}

void Process::Stop() {
  if (parts_->serving.exchange(false) && parts_->config.shutdown_delay.count() > 0) {
    std::this_thread::sleep_for(parts_->config.shutdown_delay);  // For who reads /ready to see it.
  }
  if (parts_->grpc != nullptr) {
    parts_->grpc->Stop(parts_->config.graceful_shutdown_timeout);
  }
  if (parts_->http != nullptr) {
    parts_->http->Stop(parts_->config.graceful_shutdown_timeout);
  }
  if (parts_->read != nullptr) {
    parts_->read->tails().Stop();
  }
  if (parts_->rules != nullptr) {
    parts_->rules->Stop();
  }
  parts_->runtime_config.Stop();
  if (parts_->write != nullptr) {
    parts_->write->Stop();
  }
  parts_->query_handlers.Stop();
  parts_->grpc_handlers.Stop();
  parts_->query_workers.Stop();
  parts_->tailers.Stop();
  parts_->background.Stop();
}

uint16_t Process::grpc_port() const { return parts_->grpc == nullptr ? 0 : parts_->grpc->port(); }

uint16_t Process::http_port() const { return parts_->http == nullptr ? 0 : parts_->http->port(); }

}  // namespace skald::app

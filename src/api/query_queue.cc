#include "api/query_queue.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "api/error_response.h"
#include "common/metrics.h"

namespace skald::api {
namespace {

Gauge Length(const std::string& user) {
  return Metrics::GetGauge("loki_query_scheduler_queue_length", "Queries that wait.",
                           {{"user", user}});
}

Counter Enqueued(const std::string& user) {
  return Metrics::GetCounter("loki_query_scheduler_enqueue_count", "Queries that came to run.",
                             {{"level", "0"}, {"user", user}});
}

Counter Discarded(const std::string& user) {
  return Metrics::GetCounter("loki_query_scheduler_discarded_requests_total",
                             "Queries refused because too many of the tenant's waited.",
                             {{"user", user}});
}

const Gauge& Running() {
  static const Gauge gauge =
      Metrics::GetGauge("loki_querier_worker_inflight_queries", "Queries that are running.");
  return gauge;
}

void ObserveWait(int64_t wait_ns) {
  static const Histogram histogram = Metrics::GetHistogram(
      "loki_query_scheduler_queue_duration_seconds", "Time that a query waited for its turn.",
      {0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300});
  histogram.Observe(static_cast<double>(wait_ns) / 1e9);
}

}  // namespace

QueryQueue::QueryQueue(const Options& options, const Deps& deps) : options_(options), deps_(deps) {
  Metrics::GetGauge("loki_querier_worker_concurrency", "Queries that may run at once.")
      .Set(static_cast<double>(options_.max_running));
  Running();  // There from the start.
}

// Whoever names no tenant, or none that may be, shares a queue: handlers refuse them.
std::string QueryQueue::OwnerOf(const net::Request& request) const {
  const auto tenants = deps_.auth.ForRead(request);
  std::string owner;
  if (!tenants.ok()) return owner;
  for (const model::TenantId& tenant : *tenants) {
    owner.append(owner.empty() ? "" : "|").append(tenant.value());
  }
  return owner;
}

bool QueryQueue::Admit(net::Request& request, std::function<void()> handle) {
  std::string owner = OwnerOf(request);
  {
    const MutexLock lock(mutex_);
    const bool must_wait = running_ >= options_.max_running;
    const size_t waiting = waiting_.Waiting(owner);
    if (must_wait && options_.max_waiting != 0 && waiting >= options_.max_waiting) return false;
    Enqueued(owner).Add();
    waiting_.Push(owner, {&request, std::move(handle), deps_.clock.MonotonicNs()});
    Length(owner).Set(static_cast<double>(waiting + 1));
    if (must_wait) return true;
    ++running_;
    Running().Add(1);
  }
  deps_.threads.Submit([this] { Work(); });
  return true;
}

net::Response QueryQueue::Refusal(const net::Request& request) {
  Discarded(OwnerOf(request)).Add();
  return ErrorResponse(429, "too many outstanding requests", Audience::kReader);
}

void QueryQueue::Work() {
  Waiting next{};
  while (Next(next)) {
    const int64_t waited_ns = deps_.clock.MonotonicNs() - next.since_ns;
    ObserveWait(waited_ns);
    next.request->queue_time = std::chrono::nanoseconds(waited_ns);
    std::exchange(next.handle, nullptr)();
  }
}

bool QueryQueue::Next(Waiting& next) {
  const MutexLock lock(mutex_);
  if (waiting_.empty()) {
    --running_;
    Running().Add(-1);
    return false;
  }
  std::string owner;
  std::tie(owner, next) = waiting_.Pop();
  Length(owner).Set(static_cast<double>(waiting_.Waiting(owner)));
  return true;
}

}  // namespace skald::api

#include "querier/tails.h"

#include <limits>
#include <utility>
#include <vector>

#include "common/metrics.h"

namespace skald::querier {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

const Gauge& ActiveTails() {
  static const Gauge gauge = Metrics::GetGauge("loki_querier_tail_active", "Live tails under way.");
  return gauge;
}

}  // namespace

Tails::Tails(const Options& options, const TailParts& parts, const LimitsSource& limits)
    : options_(options),
      parts_(parts),
      limits_(limits),
      ticks_("tail-tick", options.tick, [this] { Tick(); }) {
  ActiveTails().Set(0);
}

Tails::~Tails() { Stop(); }

Status Tails::Admit(const std::string& tenant) {
  const int max = limits_.For(tenant)->max_concurrent_tail_requests;
  const int count = ++of_tenant_[tenant];
  if (max > 0 && count > max) {
    return ResourceExhausted("max concurrent tail requests limit exceeded, count > limit (" +
                             std::to_string(count) + " > " + std::to_string(max) + ")");
  }
  return {};
}

Status Tails::Read(TailOptions& tail) const {
  SKALD_ASSIGN_OR_RETURN(tail.expr, parts_.querier.Parse(tail.query));
  if (!logql::IsLogExpr(*tail.expr)) {
    return {};
  }
  return logql::LiveQuery::Make(tail.expr, tail.query.categorize_labels).status();
}

std::shared_ptr<Tail> Tails::Start(TailOptions options, std::shared_ptr<TailClient> client) {
  const std::string tenant = options.query.tenants.front().value();
  const int64_t deadline_ns = options_.max_duration.count() > 0
                                  ? parts_.clock.MonotonicNs() + options_.max_duration.count()
                                  : kNever;
  auto tail = std::make_shared<Tail>(parts_, std::move(options), std::move(client), deadline_ns);
  Status admitted;
  TailList::iterator place;
  {
    MutexLock lock(mutex_);
    admitted = Admit(tenant);
    tails_.push_front(tail);
    place = tails_.begin();
  }
  ActiveTails().Add(1);
  tail->Start(std::move(admitted), [this, tenant, place] { Forget(tenant, place); });
  return tail;
}

void Tails::Forget(const std::string& tenant, TailList::iterator place) {
  ActiveTails().Add(-1);
  std::shared_ptr<Tail> tail;  // Outlives the lock.
  MutexLock lock(mutex_);
  tail = std::move(*place);
  tails_.erase(place);
  if (--of_tenant_[tenant] == 0) {
    of_tenant_.erase(tenant);
  }
  if (tails_.empty()) {
    none_left_.NotifyAll();
  }
}

std::vector<std::shared_ptr<Tail>> Tails::All() {
  MutexLock lock(mutex_);
  return {tails_.begin(), tails_.end()};
}

void Tails::Tick() {
  const int64_t now_ns = parts_.clock.MonotonicNs();
  for (const auto& tail : All()) {
    tail->Tick(now_ns);
  }
}

void Tails::Stop() {
  ticks_.Stop();
  for (const auto& tail : All()) {
    tail->End();
  }
  MutexLock lock(mutex_);
  while (!tails_.empty()) {
    none_left_.Wait(mutex_);
  }
}

}  // namespace skald::querier

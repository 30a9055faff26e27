#include "chunkstore/compact/retention.h"

#include <algorithm>
#include <utility>

#include "chunkstore/compact/table_metrics.h"
#include "chunkstore/format/chunk_layout.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

// Forgotten by one commit: bounds its memory.
constexpr size_t kChunksPerCommit = 10000;

// Forgets what has expired of tenants' days, in commits of a good size.
class Forgetter {
 public:
  // As of ApplyRetention.
  Forgetter(const StoreParts& parts, const Retention& retention, const Clock& clock,
            std::vector<std::string>& packs)
      : parts_(parts),
        retention_(retention),
        clock_(clock),
        now_ns_(clock.NowNs()),
        packs_(packs) {}

  Status ForgetOf(const model::TenantId& tenant) {
    const int64_t none_from = retention_.HorizonOf(tenant, now_ns_).none_from;
    SKALD_ASSIGN_OR_RETURN(const std::vector<Period> days,
                           parts_.index.Days(tenant, {Retention::kNothingExpired, none_from}));
    for (const Period day : days) {
      RetainedDay done{.tenant = tenant, .day = day, .status = {}};
      const int64_t begin_ns = clock_.MonotonicNs();
      done.status = ForgetDay(tenant, none_from, done);
      done.took_ns = clock_.MonotonicNs() - begin_ns;
      CountRetainedDay(done);
      SKALD_RETURN_IF_ERROR(done.status);
    }
    return {};
  }

  const DroppedChunks& dropped() const { return dropped_; }

 private:
  // Of `done` the day is given, and the rest filled in.
  Status ForgetDay(const model::TenantId& tenant, int64_t none_from, RetainedDay& done) {
    const model::TimeRange day{done.day * kDayNs, (done.day + 1) * kDayNs};
    const model::TimeRange touched{day.start, std::min(day.end, none_from)};
    SKALD_ASSIGN_OR_RETURN(std::vector<StreamChunks> streams,
                           parts_.index.Find(tenant, {}, touched));
    done.emptied = touched.end == day.end;
    for (StreamChunks& stream : streams) {
      for (ChunkRef& ref : stream.chunks) {
        CommittedChunk chunk{.tenant = tenant,
                             .labels = stream.labels,
                             .fingerprint = stream.labels->Hash(),
                             .ref = std::move(ref)};
        const Expiry why = retention_.ExpiryOf(chunk, now_ns_);
        if (why == Expiry::kNone) {
          done.emptied = false;
          continue;
        }
        ++done.expired_chunks;
        SKALD_RETURN_IF_ERROR(Add(why, std::move(chunk)));
      }
    }
    return Commit();
  }

  Status Add(Expiry why, CommittedChunk chunk) {
    dropped_.Add(why, chunk);
    if (seen_.emplace(chunk.ref.pack, true).second) packs_.push_back(chunk.ref.pack);
    commit_.removed.push_back(std::move(chunk));
    return commit_.removed.size() < kChunksPerCommit ? Status() : Commit();
  }

  Status Commit() {
    if (commit_.removed.empty()) return {};
    SKALD_RETURN_IF_ERROR(parts_.index.Commit(commit_));
    commit_.removed.clear();
    return {};
  }

  const StoreParts& parts_;
  const Retention& retention_;
  const Clock& clock_;
  const int64_t now_ns_;
  std::vector<std::string>& packs_;
  StringMap<bool> seen_;  // What this one has put into packs_.
  DroppedChunks dropped_;
  FlushCommit commit_;
};

// The least time that is still kept; what is kept for ever has none.
int64_t OldestOfPeriod(Nanoseconds period, int64_t now_ns) {
  return period.count() > 0 ? now_ns - period.count() : Retention::kNothingExpired;
}

}  // namespace

Retention::Retention(Options options, const LimitsSource& limits)
    : options_(std::move(options)), limits_(limits) {}

Retention::Rules Retention::RulesOf(const model::TenantId& tenant) const {
  if (!options_.by_age) return nullptr;
  std::shared_ptr<const Limits> limits = limits_.For(tenant.value());
  MutexLock lock(mutex_);
  Known& known = known_[tenant.value()];
  if (known.limits == limits) return known.rules;
  auto rules = model::RetentionRules::Make(limits->retention_stream, limits->retention_period,
                                           options_.parse_selector);
  if (!rules.ok()) {
    LogError("a tenant's entries are kept for ever, as its rules cannot be read",
             {{"org_id", tenant.value()}, {"err", rules.status()}});
  }
  known.rules =
      rules.ok() ? std::make_shared<const model::RetentionRules>(*std::move(rules)) : nullptr;
  known.limits = std::move(limits);
  return known.rules;
}

int64_t Retention::OldestKept(const model::TenantId& tenant, const model::Labels& stream,
                              int64_t now_ns) const {
  const Rules rules = RulesOf(tenant);
  if (rules == nullptr) return floor_ns_;
  return std::max(floor_ns_.load(), OldestOfPeriod(rules->PeriodOf(stream), now_ns));
}

Expiry Retention::ExpiryOf(const CommittedChunk& chunk, int64_t now_ns) const {
  const int64_t last_ns = chunk.ref.summary.max_time;
  if (last_ns < floor_ns_) return Expiry::kRoom;
  const bool old = last_ns < OldestKept(chunk.tenant, *chunk.labels, now_ns);
  return old ? Expiry::kAge : Expiry::kNone;
}

Retention::Horizon Retention::HorizonOf(const model::TenantId& tenant, int64_t now_ns) const {
  const int64_t floor_ns = floor_ns_;
  const Rules rules = RulesOf(tenant);
  if (rules == nullptr) return {.all_before = floor_ns, .none_from = floor_ns};
  return {.all_before = std::max(floor_ns, OldestOfPeriod(rules->longest(), now_ns)),
          .none_from = std::max(floor_ns, OldestOfPeriod(rules->shortest(), now_ns))};
}

void Retention::RaiseFloor(int64_t time_ns) {
  int64_t floor_ns = floor_ns_;
  while (floor_ns < time_ns && !floor_ns_.compare_exchange_weak(floor_ns, time_ns)) {
  }
}

void DroppedChunks::Add(Expiry why, const CommittedChunk& chunk) {
  Sum& sum = why == Expiry::kRoom ? room : age;
  ++sum.chunks;
  sum.bytes += chunk.ref.bytes;
}

void DroppedChunks::Count() const {
  for (const auto& [reason, sum] : {std::pair("age", age), std::pair("room", room)}) {
    if (sum.chunks == 0) continue;
    const MetricLabels labels = {{"reason", reason}};
    Metrics::GetCounter("skald_retention_dropped_chunks_total",
                        "Chunks dropped for their age, or to make room.", labels)
        .Add(static_cast<double>(sum.chunks));
    Metrics::GetCounter("skald_retention_dropped_bytes_total",
                        "Stored bytes of chunks dropped for their age, or to make room.", labels)
        .Add(static_cast<double>(sum.bytes));
  }
}

Result<DroppedChunks> ApplyRetention(const StoreParts& parts, const Retention& retention,
                                     const Clock& clock, std::vector<std::string>& packs) {
  Forgetter forgetter(parts, retention, clock, packs);
  SKALD_ASSIGN_OR_RETURN(const std::vector<model::TenantId> tenants, parts.index.Tenants());
  for (const model::TenantId& tenant : tenants) {
    SKALD_RETURN_IF_ERROR(forgetter.ForgetOf(tenant));
  }
  return forgetter.dropped();
}

}  // namespace skald::chunkstore

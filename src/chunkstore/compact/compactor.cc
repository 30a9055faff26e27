#include "chunkstore/compact/compactor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "chunkstore/compact/hollow_packs.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

// Compat: dashboards and alerts know these by the names of an index that had tables.
constexpr const char* kCompactions = "loki_boltdb_shipper_compact_tables_operation_total";
constexpr const char* kRetentions = "loki_compactor_apply_retention_operation_total";

const char* StatusLabel(const Status& status) { return status.ok() ? "success" : "failure"; }

void CountRun(const char* name, const char* help, const Status& status) {
  Metrics::GetCounter(name, help, {{"status", StatusLabel(status)}}).Add();
}

// How long a pack is left alone that could not be read: at first, and at most.
constexpr int64_t kFirstWaitNs = 60'000'000'000;
constexpr int64_t kLastWaitNs = 24 * 3600 * int64_t{1'000'000'000};
constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

double Seconds(int64_t ns) { return static_cast<double>(ns) * 1e-9; }

Gauge Running() {
  return Metrics::GetGauge("loki_boltdb_shipper_compactor_running",
                           "1 while stored packs are being compacted.");
}

Gauge CompactionSeconds() {
  return Metrics::GetGauge("loki_boltdb_shipper_compact_tables_operation_duration_seconds",
                           "Time that the last round of compaction took.");
}

Gauge LastCompaction() {
  return Metrics::GetGauge(
      "loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds",
      "When a round of compaction last succeeded.");
}

// Alerts tell a compactor that has not run yet from none by gauges that are zero.
void RegisterGauges() {
  Running().Set(0);
  CompactionSeconds().Set(0);
  LastCompaction().Set(0);
}

}  // namespace

Compactor::Compactor(const Options& options, const StoreParts& parts, const Retention& retention,
                     PackRemover& remover, const Clock& clock)
    : options_(options), parts_(parts), clock_(clock), retention_(retention), remover_(remover) {}

Compactor::~Compactor() { Stop(); }

void Compactor::Start() {
  if (options_.interval.count() <= 0) return;
  RegisterGauges();
  task_ =
      std::make_unique<PeriodicTask>("compactor", options_.interval, [this] { (void)RunRound(); });
}

void Compactor::Stop() {
  stopping_.Cancel();
  if (task_ != nullptr) task_->Stop();
}

Status Compactor::RunRound() {
  Running().Set(1);
  Status first = chore_ ? chore_(stopping_) : Status();
  if (retention_.in_use()) {
    if (const Status status = ApplyRetentionNow(); first.ok()) first = status;
  }
  if (const Status status = Compact(); first.ok()) first = status;
  if (const Status status = ForgetEmptySeries(); first.ok()) first = status;
  remover_.RemoveUnread();
  Running().Set(0);
  return first;
}

Status Compactor::ApplyRetentionNow() {
  const int64_t begin_ns = clock_.MonotonicNs();
  std::vector<std::string> packs;
  const auto dropped = ApplyRetention(parts_, retention_, clock_, packs);
  thinned_ = {packs.begin(), packs.end()};
  remover_.Forgotten(std::move(packs));
  CountRun(kRetentions, "Rounds of retention, by outcome.", dropped.status());
  if (!dropped.ok()) {
    LogError("retention failed", {{"err", dropped.status()}});
    return dropped.status();
  }
  const int64_t took_ns = clock_.MonotonicNs() - begin_ns;
  Metrics::GetGauge("loki_compactor_apply_retention_operation_duration_seconds",
                    "Time that the last round of retention took.")
      .Set(Seconds(took_ns));
  Metrics::GetGauge("loki_compactor_apply_retention_last_successful_run_timestamp_seconds",
                    "When retention was applied last.")
      .Set(Seconds(clock_.NowNs()));
  if (dropped->chunks() == 0) return {};
  dropped->Count();
  LogInfo("retention applied", {{"chunks", dropped->chunks()},
                                {"bytes", dropped->bytes()},
                                {"chunks_for_room", dropped->room.chunks},
                                {"duration_ms", took_ns / 1'000'000}});
  return {};
}

Status Compactor::ForgetEmptySeries() {
  Status status = parts_.index.ForgetEmptySeries();
  if (status.ok()) status = parts_.index.PurgeForgotten(stopping_);
  if (!status.ok()) LogError("tidying the label index failed", {{"err", status}});
  return status;
}

Status Compactor::Compact() {
  const int64_t begin_ns = clock_.MonotonicNs();
  const auto packs = PacksToLookAt();
  Status first = packs.status();
  if (packs.ok()) {
    std::vector<std::vector<ObjectEntry>> jobs = PlanCompaction(*packs, options_.policy);
    AddHollowPacks(parts_, *packs, std::exchange(thinned_, {}), jobs);
    for (const std::vector<ObjectEntry>& job : jobs) {
      const Status status = RunJob(job);
      if (status.code() == StatusCode::kCancelled) return status;
      if (first.ok()) first = status;
      remover_.RemoveUnread();
    }
  }
  CountRun(kCompactions, "Rounds of compaction, by outcome.", first);
  if (!first.ok()) {
    LogError("compaction failed", {{"err", first}});
    return first;
  }
  CompactionSeconds().Set(Seconds(clock_.MonotonicNs() - begin_ns));
  LastCompaction().Set(Seconds(clock_.NowNs()));
  return {};
}

Status Compactor::RunJob(const std::vector<ObjectEntry>& packs) {
  const int64_t begin_ns = clock_.MonotonicNs();
  CompactionJobOptions job = options_.job;
  DroppedChunks expired;
  job.wanted = [&, now_ns = clock_.NowNs()](const CommittedChunk& chunk) {
    const Expiry why = retention_.ExpiryOf(chunk, now_ns);
    if (why != Expiry::kNone) expired.Add(why, chunk);
    return why == Expiry::kNone;
  };
  SKALD_ASSIGN_OR_RETURN(const CompactionOutcome outcome,
                         CompactPacks(parts_, packs, job, stopping_));
  for (const PackLeft& pack : outcome.packs_left) LeaveAlone(pack);
  std::vector<std::string> replaced;
  for (const ObjectEntry& pack : packs) {
    replaced.push_back(pack.key);
    // Tried again, and not left this time.
    if (!IsLeftAlone(pack.key)) left_alone_.erase(pack.key);
  }
  remover_.Forgotten(std::move(replaced));
  expired.Count();
  Metrics::GetGauge("skald_compactor_packs_left_alone",
                    "Packs that cannot be compacted as something in them is unreadable.")
      .Set(static_cast<double>(left_alone_.size()));
  Metrics::GetCounter("skald_compactor_read_bytes_total", "Stored bytes that compaction has read.")
      .Add(static_cast<double>(outcome.bytes_read));
  Metrics::GetCounter("skald_compactor_written_bytes_total",
                      "Stored bytes that compaction has written.")
      .Add(static_cast<double>(outcome.bytes_written));
  LogInfo("packs compacted", {{"packs", outcome.packs_read},
                              {"into", outcome.packs_written},
                              {"bytes", outcome.bytes_read},
                              {"bytes_after", outcome.bytes_written},
                              {"entries", outcome.entries},
                              {"duplicates", outcome.duplicates},
                              {"erased", outcome.erased},
                              {"expired_chunks", expired.chunks()},
                              {"expired_bytes", expired.bytes()},
                              {"left", outcome.packs_left.size()},
                              {"duration_ms", (clock_.MonotonicNs() - begin_ns) / 1'000'000}});
  return {};
}

void Compactor::LeaveAlone(const PackLeft& pack) {
  LeftAlone& left = left_alone_[pack.key];
  left.wait_ns = std::clamp(2 * left.wait_ns, kFirstWaitNs, kLastWaitNs);
  left.until_ns = pack.lasting ? kForever : clock_.MonotonicNs() + left.wait_ns;
}

bool Compactor::IsLeftAlone(const std::string& pack) const {
  const auto left = left_alone_.find(pack);
  return left != left_alone_.end() && clock_.MonotonicNs() < left->second.until_ns;
}

// Those that the index names: others may be on their way into it.
Result<std::vector<ObjectEntry>> Compactor::PacksToLookAt() const {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> named, parts_.index.Packs());
  SKALD_ASSIGN_OR_RETURN(std::vector<ObjectEntry> packs,
                         parts_.objects.List(parts_.names.prefix()));
  std::erase_if(packs, [&](const ObjectEntry& pack) {
    return IsLeftAlone(pack.key) || !std::ranges::binary_search(named, pack.key);
  });
  return packs;
}

}  // namespace skald::chunkstore

#include "chunkstore/compact/size_retention.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "chunkstore/stored_pack.h"
#include "common/duration.h"
#include "common/fault_point.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

constexpr uint64_t kNoBound = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kMaxReserve = 1 << 30;

uint64_t Less(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

// The bound that the disk leaves: what others have on it is not ours to remove.
uint64_t DiskBound(double share, const SizeRetention::Use& use) {
  const auto in_use = use.disk_bytes - std::min(use.disk_free_bytes, use.disk_bytes);
  const uint64_t others = Less(in_use, use.data_bytes);
  return Less(static_cast<uint64_t>(share * static_cast<double>(use.disk_bytes)), others);
}

void Publish(uint64_t data_bytes, uint64_t bound) {
  Metrics::GetGauge("skald_retention_used_bytes",
                    "Bytes on disk of all that is kept, where it is bounded.")
      .Set(static_cast<double>(data_bytes));
  Metrics::GetGauge("skald_retention_bound_bytes", "Bytes that all that is kept may take.")
      .Set(static_cast<double>(bound));
}

}  // namespace

uint64_t SizeRetention::BoundOf(const Options& options, const Use& use) {
  uint64_t bound = options.max_bytes > 0 ? options.max_bytes : kNoBound;
  if (options.max_disk_share > 0) bound = std::min(bound, DiskBound(options.max_disk_share, use));
  return bound;
}

uint64_t SizeRetention::Reserve(uint64_t bound) { return std::min(bound / 8, kMaxReserve); }

SizeRetention::SizeRetention(const Options& options, const StoreParts& parts, Retention& retention,
                             PackRemover& remover, Measure measure, const Clock& clock)
    : options_(options),
      parts_(parts),
      retention_(retention),
      remover_(remover),
      measure_(std::move(measure)),
      clock_(clock) {}

SizeRetention::~SizeRetention() { Stop(); }

Status SizeRetention::Start() {
  SKALD_ASSIGN_OR_RETURN(const std::optional<int64_t> floor_ns, parts_.index.RetentionFloor());
  if (!options_.in_use()) {
    return floor_ns ? parts_.index.SetRetentionFloor(std::nullopt) : Status();
  }
  if (floor_ns) retention_.RaiseFloor(*floor_ns);
  if (options_.interval.count() <= 0) return {};
  task_ = std::make_unique<PeriodicTask>("size-retention", options_.interval, [this] {
    const Status status = RunRound();
    if (!status.ok() && !was_failing_) LogError("making room failed", {{"err", status}});
    was_failing_ = !status.ok();
  });
  return {};
}

void SizeRetention::Stop() {
  if (task_ != nullptr) task_->Stop();
}

Status SizeRetention::RunRound() {
  remover_.RemoveUnread();
  SKALD_ASSIGN_OR_RETURN(const Use use, measure_());
  const uint64_t bound = BoundOf(options_, use);
  Publish(use.data_bytes, bound);
  const uint64_t excess = Less(use.data_bytes, bound - Reserve(bound));
  if (excess == 0) return {};
  return MakeRoom(excess, use, bound);
}

Status SizeRetention::MakeRoom(uint64_t bytes, const Use& use, uint64_t bound) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<Aged> candidates, Candidates(bytes));
  if (bytes == 0) return {};
  // The newest pack stays, whatever the bound.
  size_t going = 0;
  for (; going + 1 < candidates.size() && bytes > 0; ++going) {
    bytes = Less(bytes, candidates[going].bytes);
  }
  const bool is_full = bytes > 0 && use.data_bytes > bound;
  if (is_full && !was_full_) {
    LogWarn("the data takes more than it may, and all that can go has gone",
            {{"used", FormatIecBytes(use.data_bytes)},
             {"bound", FormatIecBytes(bound)},
             {"settings", "compactor.retention_max_bytes, compactor.retention_max_disk_share"}});
  }
  was_full_ = is_full;
  if (going == 0) return {};

  SKALD_RETURN_IF_ERROR(RaiseFloor(candidates[going - 1].newest_ns + 1));
  std::vector<std::string> packs;
  const auto dropped = ApplyRetention(parts_, retention_, clock_, packs);
  remover_.Forgotten(std::move(packs));
  SKALD_RETURN_IF_ERROR(dropped.status());
  FaultPoint("retention.forgotten");
  dropped->Count();
  LogInfo("the oldest entries went to make room",
          {{"bound_by",
            bound == options_.max_bytes ? "retention_max_bytes" : "retention_max_disk_share"},
           {"bound", bound},
           {"used", use.data_bytes},
           {"packs", going},
           {"chunks", dropped->chunks()},
           {"bytes", dropped->bytes()},
           {"kept_from_ns", retention_.floor_ns()}});
  remover_.RemoveUnread();
  return {};
}

Result<std::vector<SizeRetention::Aged>> SizeRetention::Candidates(uint64_t& bytes) {
  // In this order: a pack that is listed and not named then is on its way in, or out.
  SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> packs,
                         parts_.objects.List(parts_.names.prefix()));
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> named, parts_.index.Packs());
  const std::set<std::string> leaving = remover_.leaving();
  StringMap<int64_t> newest_ns;
  std::vector<Aged> candidates;
  for (const ObjectEntry& pack : packs) {
    if (leaving.contains(pack.key)) bytes = Less(bytes, pack.bytes);
    if (!std::ranges::binary_search(named, pack.key)) continue;
    const auto known = newest_ns_.find(pack.key);
    int64_t newest = Retention::kNothingExpired;
    if (known != newest_ns_.end()) {
      newest = known->second;
    } else {
      // One that cannot be read goes when what the index knows of it is before the floor.
      const auto entries = ReadStoredDirectory(pack, parts_.objects);
      if (!entries.ok()) continue;
      for (const PackEntry& entry : *entries) newest = std::max(newest, entry.summary.max_time);
    }
    newest_ns.emplace(pack.key, newest);
    candidates.push_back({.pack = pack.key, .bytes = pack.bytes, .newest_ns = newest});
  }
  newest_ns_ = std::move(newest_ns);
  std::ranges::stable_sort(candidates, {}, &Aged::newest_ns);
  return candidates;
}

// Durable first: what was out of sight must not come back with a crash.
Status SizeRetention::RaiseFloor(int64_t time_ns) {
  if (time_ns <= retention_.floor_ns()) return {};
  SKALD_RETURN_IF_ERROR(parts_.index.SetRetentionFloor(time_ns));
  FaultPoint("retention.floor_raised");
  retention_.RaiseFloor(time_ns);
  return {};
}

}  // namespace skald::chunkstore

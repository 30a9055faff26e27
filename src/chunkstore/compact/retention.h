#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "chunkstore/index/commit_builder.h"
#include "chunkstore/store_parts.h"
#include "common/clock.h"
#include "common/hash.h"
#include "common/limits.h"
#include "common/mutex.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/retention_rules.h"

namespace skald::chunkstore {

enum class Expiry { kNone, kAge, kRoom };

// Which entries are too old to be kept: those past the period that their tenant's limits give their
// stream, and those before the floor, which went for want of room.
//
// Ownership: borrows the limits.
// Threads:   any thread may call.
// Cost:      a tenant's rules are read when its limits change.
class Retention {
 public:
  struct Options {
    bool by_age = false;  // Whether periods count.
    model::RetentionRules::SelectorParser parse_selector;
  };

  static constexpr int64_t kNothingExpired = std::numeric_limits<int64_t>::min();

  Retention(Options options, const LimitsSource& limits);
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  // Entries of the stream before this have expired.
  int64_t OldestKept(const model::TenantId& tenant, const model::Labels& stream,
                     int64_t now_ns) const;
  // Why a chunk has expired: it has when its last entry has, so that some entries stay for as long
  // as their chunk spans.
  Expiry ExpiryOf(const CommittedChunk& chunk, int64_t now_ns) const;
  // Whether anything can have expired at all.
  bool in_use() const { return options_.by_age || floor_ns_ != kNothingExpired; }

  // Of all streams of a tenant: what is before `all_before` has expired, whatever its stream; what
  // is at or after `none_from` has not.
  struct Horizon {
    int64_t all_before = kNothingExpired;
    int64_t none_from = kNothingExpired;
  };
  Horizon HorizonOf(const model::TenantId& tenant, int64_t now_ns) const;

  // Entries before the floor have expired in all streams. It never sinks.
  void RaiseFloor(int64_t time_ns);
  int64_t floor_ns() const { return floor_ns_; }

 private:
  using Rules = std::shared_ptr<const model::RetentionRules>;
  struct Known {
    std::shared_ptr<const Limits> limits;
    Rules rules;
  };

  // Null if nothing of the tenant expires by age.
  Rules RulesOf(const model::TenantId& tenant) const SKALD_EXCLUDES(mutex_);

  const Options options_;
  const LimitsSource& limits_;
  std::atomic<int64_t> floor_ns_ = kNothingExpired;
  mutable Mutex mutex_;
  mutable StringMap<Known> known_ SKALD_GUARDED_BY(mutex_);  // By tenant.
};

// Chunks that were dropped, by reason.
struct DroppedChunks {
  struct Sum {
    uint64_t chunks = 0;
    uint64_t bytes = 0;  // As stored.
  };
  Sum age;
  Sum room;

  // Requires: `why` is a reason.
  void Add(Expiry why, const CommittedChunk& chunk);
  uint64_t chunks() const { return age.chunks + room.chunks; }
  uint64_t bytes() const { return age.bytes + room.bytes; }
  // Adds them to the metrics.
  void Count() const;
};

// Makes the index forget all chunks that have expired by now, day by day: queries that begin from
// now on do not see them. Appends the packs they were in to `packs`: those with nothing else in
// them can be retired, what others hold of them goes when they are compacted. Errors as LabelIndex
// has them; what was forgotten before stays forgotten.
Result<DroppedChunks> ApplyRetention(const StoreParts& parts, const Retention& retention,
                                     const Clock& clock, std::vector<std::string>& packs);

}  // namespace skald::chunkstore

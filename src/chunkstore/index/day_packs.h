#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "chunkstore/index/kv_store.h"
#include "common/status.h"
#include "model/ids.h"

namespace skald::chunkstore {

// Whether a lookup wants what a pack has.
using PackChoice = std::function<bool(const std::string& pack)>;
using PackNameSet = std::set<std::string, std::less<>>;

// The packs that have chunks of a day of a tenant, whatever their streams: what their filters rule
// out is ruled out for the day, before any of its series is looked at.
struct DayPacks {
  size_t count = 0;
  PackNameSet unwanted;

  // Of a day of which no pack is known nothing is ruled out.
  bool NoneWanted() const { return count > 0 && unwanted.size() == count; }
};

// Threads: pure functions of a snapshot.

// Asks `wants` for each pack that has entries of `range` on the day whose DayPacksPrefix is
// `prefix`; others are not wanted.
Result<DayPacks> ChoosePacks(const KvSnapshot& snapshot, std::string_view prefix,
                             model::TimeRange range, const PackChoice& wants);

// Puts into `batch` the packs of all days, told from their chunks: reads each of these.
Status CountDayPacks(const KvSnapshot& snapshot, KvBatch& batch);

}  // namespace skald::chunkstore

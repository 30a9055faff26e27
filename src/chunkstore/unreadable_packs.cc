#include "chunkstore/unreadable_packs.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "chunkstore/pack_names.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

// As far as the key tells: a compacted pack holds one day, others anything.
model::TimeRange RangeOf(const std::string& pack) {
  constexpr model::TimeRange kAll = model::TimeRange::All();
  const std::optional<Period> day = CompactedDay(pack);
  if (!day || *day <= DayOf(kAll.start) || *day >= DayOf(kAll.end)) return kAll;
  return {*day * kDayNs, (*day + 1) * kDayNs};
}

}  // namespace

void ReportDamagedPack(const std::string& pack, const Status& damage) {
  Metrics::GetCounter("skald_pack_damages_total",
                      "Packs that a start has found missing, damaged or impossible to open: each "
                      "at each start.")
      .Add();
  LogError("unreadable pack", {{"pack", pack}, {"err", damage}});
}

void UnreadablePacks::Add(const std::string& pack, const Status& damage) {
  const auto [at, added] =
      packs_.try_emplace(pack, Pack{RangeOf(pack), std::string(damage.message())});
  if (added) ReportDamagedPack(pack, damage);
}

void UnreadablePacks::Warn(model::TimeRange range, model::Warnings& warnings) const {
  for (const auto& [key, pack] : packs_) {
    if (range.Intersect(pack.range).empty() || IsGone(key)) continue;
    warnings.Add("entries may be missing from this answer: " + key +
                 " is unreadable, and the index does not know what is in it: " + pack.damage);
  }
}

bool UnreadablePacks::IsGone(const std::string& pack) const {
  const auto found = objects_.List(pack);
  return found.ok() && std::ranges::none_of(
                           *found, [&](const ObjectEntry& object) { return object.key == pack; });
}

}  // namespace skald::chunkstore

#include "chunkstore/index/day_packs.h"

#include <optional>

#include "chunkstore/index/index_keys.h"
#include "common/hash.h"

namespace skald::chunkstore {

Result<DayPacks> ChoosePacks(const KvSnapshot& snapshot, std::string_view prefix,
                             model::TimeRange range, const PackChoice& wants) {
  DayPacks packs;
  KvCursor cursor = snapshot.Scan(prefix);
  for (; cursor.Valid(); cursor.Next()) {
    SKALD_ASSIGN_OR_RETURN(const DayPack of_day, DayPack::Decode(cursor.value()));
    std::string pack(cursor.key());
    ++packs.count;
    const bool wanted = range.Touches(of_day.min_time, of_day.max_time) && wants(pack);
    if (!wanted) packs.unwanted.insert(std::move(pack));
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return packs;
}

Status CountDayPacks(const KvSnapshot& snapshot, KvBatch& batch) {
  StringMap<DayPack> packs;  // By DayPackKey.
  KvCursor cursor = snapshot.Scan(AllSeriesPrefix());
  for (; cursor.Valid(); cursor.Next()) {
    SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> key, DayPackKeyOf(cursor.key()));
    if (!key) continue;
    SKALD_ASSIGN_OR_RETURN(const ChunkRef chunk, DecodeChunk(cursor.value()));
    packs[*key].Add(chunk.summary);
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  for (const auto& [key, pack] : packs) batch.Put(key, pack.Encode());
  return {};
}

}  // namespace skald::chunkstore

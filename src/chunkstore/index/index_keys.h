#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/format/chunk_layout.h"
#include "common/status.h"
#include "model/ids.h"

namespace skald::chunkstore {

// A period is a day, numbered as DayOf does: what the index keeps is kept for each one apart, so
// that a period can be dropped whole. A series has a number of its own in each.
using Period = int64_t;
using SeriesId = uint32_t;

// Where a chunk is, and what is known of it without reading it.
struct ChunkRef {
  std::string pack;  // The pack's object key.
  uint64_t offset = 0;
  uint64_t bytes = 0;
  uint32_t head_bytes = 0;
  ChunkSummary summary;

  friend bool operator==(const ChunkRef&, const ChunkRef&) = default;
};

// The keys of the label index, drawn in FORMAT.md. Numbers in keys are big endian, so that byte
// order is number order. Functions named ...Prefix make what all keys of a kind begin with.
//
// Threads: pure functions.

// Series ids given out so far; its presence says that the tenant has the period. TenantsPrefix is
// what all of these begin with.
std::string TenantsPrefix();
// From a PeriodKey less TenantsPrefix.
Result<model::TenantId> DecodeTenant(std::string_view key_rest);
std::string PeriodsPrefix(const model::TenantId& tenant);
std::string PeriodKey(const model::TenantId& tenant, Period period);
// From a PeriodKey less its prefix.
Result<Period> DecodePeriod(std::string_view key_rest);

// A series: its labels, followed in key order by its chunks, oldest first, so that one seek finds
// all of it.
std::string AllSeriesPrefix();
std::string SeriesPrefix(const model::TenantId& tenant, Period period);
std::string SeriesKeyRest(SeriesId id);  // Behind SeriesPrefix.
std::string SeriesKey(const model::TenantId& tenant, Period period, SeriesId id);
std::string ChunkKey(const model::TenantId& tenant, Period period, SeriesId id,
                     const ChunkRef& chunk);
std::string EncodeChunkValue(const ChunkRef& chunk);
Result<ChunkRef> DecodeChunk(std::string_view value);
// Whether it has entries in the range, or between them. kDataLoss if what it reads is malformed:
// not what is behind the times.
Result<bool> ChunkTouches(std::string_view value, model::TimeRange range);
// The pack of a chunk's value, without a look at the rest of it.
std::string_view PackOfChunk(std::string_view value);

// The ids of the series with a fingerprint: nearly always one.
std::string FingerprintKey(const model::TenantId& tenant, Period period,
                           model::Fingerprint fingerprint);

// Label names; then, behind the prefix of a name, its values.
std::string NamesPrefix(const model::TenantId& tenant, Period period);
std::string NameKey(const model::TenantId& tenant, Period period, std::string_view name);
std::string AllValuesPrefix(const model::TenantId& tenant, Period period);  // Of all names.
std::string ValuesPrefix(const model::TenantId& tenant, Period period, std::string_view name);
std::string ValueKey(const model::TenantId& tenant, Period period, std::string_view name,
                     std::string_view value);

// Postings in containers of ids that share their upper 16 bits: of series with name=value, and of
// series that have the name at all. The empty name stands for all series.
std::string PostingsPrefix(const model::TenantId& tenant, Period period, std::string_view name,
                           std::string_view value);
std::string PresencePrefix(const model::TenantId& tenant, Period period, std::string_view name);
// Those with any value of a name: behind it a PostingsPrefix goes on with `bytes value`.
std::string NamePostingsPrefix(const model::TenantId& tenant, Period period, std::string_view name);
// `prefix` is one of these two.
std::string ContainerKey(std::string prefix, SeriesId id);
// What is appended to the container's value for `id`.
std::string ContainerItem(SeriesId id);
// The value that a container is of, and the rest of its key, from the key less NamePostingsPrefix.
Result<std::pair<std::string_view, std::string_view>> DecodeNamePosting(std::string_view key_rest);
// Appends the ids of a container, from its key less the prefix and its value, to `ids`.
Status DecodeContainer(std::string_view key_rest, std::string_view value,
                       std::vector<SeriesId>& ids);

// What a pack has of a day of a tenant.
struct DayPack {
  uint64_t chunks = 0;
  // Of entries that it has or had there, both included.
  int64_t min_time = std::numeric_limits<int64_t>::max();
  int64_t max_time = std::numeric_limits<int64_t>::min();

  void Add(const ChunkSummary& chunk);
  std::string Encode() const;
  static Result<DayPack> Decode(std::string_view value);
};

// Packs that have chunks of a day; the value is a DayPack. A lookup that knows what a pack cannot
// have passes over days by these, before it looks at any of their series.
std::string DayPacksPrefix(const model::TenantId& tenant, Period period);
std::string DayPackKey(const model::TenantId& tenant, Period period, std::string_view pack);
// The one that a chunk is counted under, from its ChunkKey less AllSeriesPrefix; nothing for a
// SeriesKey.
Result<std::optional<std::string>> DayPackKeyOf(std::string_view key_rest);

// What all keys of a day begin with, kind by kind, but for its PeriodKey.
std::vector<std::string> KindPrefixesOfDay(const model::TenantId& tenant, Period period);

// Days that have lost chunks since they were last looked through for series without any.
std::string ThinnedPrefix();
std::string ThinnedKey(const model::TenantId& tenant, Period period);
// Days that have lost series whose names and values may still be in RocksDB's files.
std::string UnpurgedPrefix();
std::string UnpurgedKey(const model::TenantId& tenant, Period period);
// From a key of these two kinds less its prefix.
Result<std::pair<model::TenantId, Period>> DecodeTenantDay(std::string_view key_rest);

// Packs that chunks are in; the value counts them.
std::string PacksPrefix();
std::string PackKey(std::string_view pack);

// Packs that no chunk is in, and why they may be there all the same; the value is an UnnamedPack.
enum class UnnamedPack : char {
  kPlanned = 'p',  // About to be written, with what other packs that are named have as well.
  kRetired = 'r',  // The index has forgotten its last chunk.
};
std::string UnnamedPacksPrefix();
std::string UnnamedPackKey(std::string_view pack);

// The highest sequence number up to which a stream is stored.
std::string WatermarkKey(const model::TenantId& tenant, model::Fingerprint fingerprint);

// Facts on the whole index.
inline constexpr std::string_view kHighestSeqKey = "Mhighest_seq";
inline constexpr std::string_view kFormatKey = "Mformat";
inline constexpr std::string_view kFormatVersion = "2";
inline constexpr std::string_view kVersionWithoutDayPacks = "1";  // Had no DayPackKey.
inline constexpr std::string_view kRetentionFloorKey = "Mretention_floor";

}  // namespace skald::chunkstore

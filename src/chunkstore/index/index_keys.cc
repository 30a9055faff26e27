#include "chunkstore/index/index_keys.h"

#include <algorithm>
#include <utility>

#include "common/bytes.h"

namespace skald::chunkstore {
namespace {

// The first byte of a key. Stored, never reused. 'M' is for facts on the whole index.
enum Kind : char {
  kPeriod = 'T',
  kSeries = 's',
  kFingerprint = 'f',
  kName = 'n',
  kValue = 'v',
  kPostings = 'p',
  kPresence = 'h',
  kPack = 'P',
  kUnnamedPack = 'U',
  kWatermark = 'w',
  kThinned = 'd',
  kDayPack = 'q',
  kUnpurged = 'u',
};

// Flips the sign bit, so that negative numbers come first in byte order.
constexpr uint64_t kSignBit = uint64_t{1} << 63;

template <typename Int>
void PutBigEndian(std::string& out, Int value) {
  for (int shift = 8 * (sizeof value - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

template <typename Int>
Int LoadBigEndian(std::string_view bytes) {
  Int value = 0;
  for (size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Int>(value << 8 | static_cast<uint8_t>(bytes[i]));
  }
  return value;
}

std::string TenantPrefix(Kind kind, const model::TenantId& tenant) {
  std::string key(1, kind);
  PutLengthPrefixed(key, tenant.value());
  return key;
}

std::string PeriodPrefix(Kind kind, const model::TenantId& tenant, Period period) {
  std::string key = TenantPrefix(kind, tenant);
  PutBigEndian(key, static_cast<uint32_t>(static_cast<int32_t>(period)) ^ 0x80000000u);
  return key;
}

Status MalformedKey() { return DataLoss("index: malformed key"); }

}  // namespace

std::string TenantsPrefix() { return std::string(1, kPeriod); }

Result<model::TenantId> DecodeTenant(std::string_view key_rest) {
  ByteReader reader(key_rest);
  model::TenantId tenant{std::string(reader.LengthPrefixed())};
  if (reader.failed()) return MalformedKey();
  return tenant;
}

std::string PeriodsPrefix(const model::TenantId& tenant) { return TenantPrefix(kPeriod, tenant); }

std::string PeriodKey(const model::TenantId& tenant, Period period) {
  return PeriodPrefix(kPeriod, tenant, period);
}

Result<Period> DecodePeriod(std::string_view key_rest) {
  if (key_rest.size() != sizeof(uint32_t)) return MalformedKey();
  return static_cast<int32_t>(LoadBigEndian<uint32_t>(key_rest) ^ 0x80000000u);
}

std::string AllSeriesPrefix() { return std::string(1, kSeries); }

std::string SeriesPrefix(const model::TenantId& tenant, Period period) {
  return PeriodPrefix(kSeries, tenant, period);
}

std::string SeriesKeyRest(SeriesId id) {
  std::string key;
  PutBigEndian(key, id);
  return key;
}

std::string SeriesKey(const model::TenantId& tenant, Period period, SeriesId id) {
  return SeriesPrefix(tenant, period).append(SeriesKeyRest(id));
}

std::string ChunkKey(const model::TenantId& tenant, Period period, SeriesId id,
                     const ChunkRef& chunk) {
  std::string key = SeriesKey(tenant, period, id);
  PutBigEndian(key, static_cast<uint64_t>(chunk.summary.min_time) ^ kSignBit);
  PutBigEndian(key, chunk.offset);
  return key.append(chunk.pack);
}

std::string EncodeChunkValue(const ChunkRef& chunk) {
  const ChunkSummary& summary = chunk.summary;
  std::string value;
  PutLengthPrefixed(value, chunk.pack);
  PutVarint(value, chunk.offset);
  PutVarint(value, chunk.bytes);
  PutVarint(value, chunk.head_bytes);
  PutVarint(value, ZigZag(summary.min_time));
  PutVarint(value,
            static_cast<uint64_t>(summary.max_time) - static_cast<uint64_t>(summary.min_time));
  PutVarint(value, summary.max_seq);
  PutVarint(value, summary.entries);
  PutVarint(value, summary.line_bytes);
  PutVarint(value, summary.metadata_bytes);
  PutVarint(value, summary.metadata_volume);
  return value;
}

Result<ChunkRef> DecodeChunk(std::string_view value) {
  ByteReader reader(value);
  ChunkRef chunk;
  chunk.pack = reader.LengthPrefixed();
  chunk.offset = reader.Varint();
  chunk.bytes = reader.Varint();
  chunk.head_bytes = static_cast<uint32_t>(reader.Varint());
  ChunkSummary& summary = chunk.summary;
  summary.min_time = UnZigZag(reader.Varint());
  summary.max_time =
      static_cast<int64_t>(static_cast<uint64_t>(summary.min_time) + reader.Varint());
  summary.max_seq = reader.Varint();
  summary.entries = reader.Varint();
  summary.line_bytes = reader.Varint();
  summary.metadata_bytes = reader.Varint();
  summary.metadata_volume =
      reader.AtEnd() ? EstimateMetadataVolume(summary.entries) : reader.Varint();
  SKALD_RETURN_IF_ERROR(reader.Finish("index: chunk"));
  return chunk;
}

Result<bool> ChunkTouches(std::string_view value, model::TimeRange range) {
  ByteReader reader(value);
  (void)reader.LengthPrefixed();                      // The pack,
  for (int i = 0; i < 3; ++i) (void)reader.Varint();  // and where in it.
  const int64_t first_ns = UnZigZag(reader.Varint());
  const auto last_ns = static_cast<int64_t>(static_cast<uint64_t>(first_ns) + reader.Varint());
  if (reader.failed()) return DataLoss("index: malformed chunk");
  return range.Touches(first_ns, last_ns);
}

std::string_view PackOfChunk(std::string_view value) { return ByteReader(value).LengthPrefixed(); }

std::string FingerprintKey(const model::TenantId& tenant, Period period,
                           model::Fingerprint fingerprint) {
  std::string key = PeriodPrefix(kFingerprint, tenant, period);
  PutBigEndian(key, fingerprint.value());
  return key;
}

std::string NamesPrefix(const model::TenantId& tenant, Period period) {
  return PeriodPrefix(kName, tenant, period);
}

std::string NameKey(const model::TenantId& tenant, Period period, std::string_view name) {
  return NamesPrefix(tenant, period).append(name);
}

std::string AllValuesPrefix(const model::TenantId& tenant, Period period) {
  return PeriodPrefix(kValue, tenant, period);
}

std::string ValuesPrefix(const model::TenantId& tenant, Period period, std::string_view name) {
  std::string key = AllValuesPrefix(tenant, period);
  PutLengthPrefixed(key, name);
  return key;
}

std::string ValueKey(const model::TenantId& tenant, Period period, std::string_view name,
                     std::string_view value) {
  return ValuesPrefix(tenant, period, name).append(value);
}

std::string PostingsPrefix(const model::TenantId& tenant, Period period, std::string_view name,
                           std::string_view value) {
  std::string key = NamePostingsPrefix(tenant, period, name);
  PutLengthPrefixed(key, value);
  return key;
}

std::string NamePostingsPrefix(const model::TenantId& tenant, Period period,
                               std::string_view name) {
  std::string key = PeriodPrefix(kPostings, tenant, period);
  PutLengthPrefixed(key, name);
  return key;
}

Result<std::pair<std::string_view, std::string_view>> DecodeNamePosting(std::string_view key_rest) {
  ByteReader reader(key_rest);
  const std::string_view value = reader.LengthPrefixed();
  if (reader.failed()) return MalformedKey();
  return std::pair(value, reader.rest());
}

std::string PresencePrefix(const model::TenantId& tenant, Period period, std::string_view name) {
  std::string key = PeriodPrefix(kPresence, tenant, period);
  PutLengthPrefixed(key, name);
  return key;
}

std::string ContainerKey(std::string prefix, SeriesId id) {
  PutBigEndian(prefix, static_cast<uint16_t>(id >> 16));
  return prefix;
}

std::string ContainerItem(SeriesId id) {
  return {static_cast<char>(id), static_cast<char>(id >> 8)};
}

Status DecodeContainer(std::string_view key_rest, std::string_view value,
                       std::vector<SeriesId>& ids) {
  if (key_rest.size() != sizeof(uint16_t) || value.size() % 2 != 0) return MalformedKey();
  const SeriesId upper = static_cast<SeriesId>(LoadBigEndian<uint16_t>(key_rest)) << 16;
  for (size_t i = 0; i < value.size(); i += 2) {
    const auto low = static_cast<uint8_t>(value[i]);
    const auto high = static_cast<uint8_t>(value[i + 1]);
    ids.push_back(upper | static_cast<SeriesId>(high) << 8 | low);
  }
  return {};
}

void DayPack::Add(const ChunkSummary& chunk) {
  ++chunks;
  min_time = std::min(min_time, chunk.min_time);
  max_time = std::max(max_time, chunk.max_time);
}

std::string DayPack::Encode() const {
  std::string value;
  PutVarint(value, chunks);
  PutVarint(value, ZigZag(min_time));
  PutVarint(value, static_cast<uint64_t>(max_time) - static_cast<uint64_t>(min_time));
  return value;
}

Result<DayPack> DayPack::Decode(std::string_view value) {
  ByteReader reader(value);
  DayPack pack;
  pack.chunks = reader.Varint();
  pack.min_time = UnZigZag(reader.Varint());
  pack.max_time = static_cast<int64_t>(static_cast<uint64_t>(pack.min_time) + reader.Varint());
  SKALD_RETURN_IF_ERROR(reader.Finish("index: pack of a day"));
  return pack;
}

std::string DayPacksPrefix(const model::TenantId& tenant, Period period) {
  return PeriodPrefix(kDayPack, tenant, period);
}

std::string DayPackKey(const model::TenantId& tenant, Period period, std::string_view pack) {
  return DayPacksPrefix(tenant, period).append(pack);
}

Result<std::optional<std::string>> DayPackKeyOf(std::string_view key_rest) {
  constexpr size_t kDayBytes = sizeof(uint32_t);
  constexpr size_t kTimeAndOffsetBytes = 2 * sizeof(uint64_t);
  ByteReader reader(key_rest);
  (void)reader.LengthPrefixed();
  (void)reader.Bytes(kDayBytes);
  const std::string_view tenant_day = key_rest.substr(0, key_rest.size() - reader.rest().size());
  (void)reader.Bytes(sizeof(SeriesId));
  if (reader.failed()) return MalformedKey();
  std::optional<std::string> key;
  if (reader.AtEnd()) return key;
  (void)reader.Bytes(kTimeAndOffsetBytes);
  if (reader.failed()) return MalformedKey();
  key = std::string(1, kDayPack);
  key->append(tenant_day).append(reader.rest());
  return key;
}

std::vector<std::string> KindPrefixesOfDay(const model::TenantId& tenant, Period period) {
  std::vector<std::string> prefixes;
  for (const Kind kind : {kSeries, kFingerprint, kName, kValue, kPostings, kPresence, kDayPack}) {
    prefixes.push_back(PeriodPrefix(kind, tenant, period));
  }
  return prefixes;
}

std::string ThinnedPrefix() { return std::string(1, kThinned); }
std::string ThinnedKey(const model::TenantId& tenant, Period period) {
  return PeriodPrefix(kThinned, tenant, period);
}

std::string UnpurgedPrefix() { return std::string(1, kUnpurged); }
std::string UnpurgedKey(const model::TenantId& tenant, Period period) {
  return PeriodPrefix(kUnpurged, tenant, period);
}

Result<std::pair<model::TenantId, Period>> DecodeTenantDay(std::string_view key_rest) {
  ByteReader reader(key_rest);
  model::TenantId tenant{std::string(reader.LengthPrefixed())};
  if (reader.failed()) return MalformedKey();
  SKALD_ASSIGN_OR_RETURN(const Period period, DecodePeriod(reader.rest()));
  return std::pair(std::move(tenant), period);
}

std::string PacksPrefix() { return std::string(1, kPack); }
std::string PackKey(std::string_view pack) { return PacksPrefix().append(pack); }

std::string UnnamedPacksPrefix() { return std::string(1, kUnnamedPack); }
std::string UnnamedPackKey(std::string_view pack) { return UnnamedPacksPrefix().append(pack); }

std::string WatermarkKey(const model::TenantId& tenant, model::Fingerprint fingerprint) {
  std::string key = TenantPrefix(kWatermark, tenant);
  PutBigEndian(key, fingerprint.value());
  return key;
}

}  // namespace skald::chunkstore

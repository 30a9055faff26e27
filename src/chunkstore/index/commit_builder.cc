#include "chunkstore/index/commit_builder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/bytes.h"

namespace skald::chunkstore {
namespace {

// A chunk is listed under every day it touches. Chunks are cut at midnight, so this is one; a
// chunk of more days than this was not made by us.
constexpr int64_t kMaxDaysOfChunk = 1000;

Result<uint64_t> DecodeChunkCount(std::string_view value) {
  ByteReader reader(value);
  const uint64_t chunks = reader.Varint();
  SKALD_RETURN_IF_ERROR(reader.Finish("index: chunks of a pack"));
  return chunks;
}

// The series of the chunk's labels among `ids`, the value of a FingerprintKey.
Result<std::optional<SeriesId>> FindAmong(const KvSnapshot& snapshot, std::string_view ids,
                                          const CommittedChunk& chunk, Period period) {
  for (size_t at = 0; at + sizeof(SeriesId) <= ids.size(); at += sizeof(SeriesId)) {
    const SeriesId id = LoadFixed32(ids.data() + at);
    SKALD_ASSIGN_OR_RETURN(const auto labels, snapshot.Get(SeriesKey(chunk.tenant, period, id)));
    if (labels && *labels == chunk.labels->encoded()) return std::optional(id);
  }
  return std::optional<SeriesId>();
}

}  // namespace

Result<std::optional<std::string>> FindChunkKey(const KvSnapshot& snapshot,
                                                const CommittedChunk& chunk, Period period) {
  std::optional<std::string> key;
  SKALD_ASSIGN_OR_RETURN(const auto ids,
                         snapshot.Get(FingerprintKey(chunk.tenant, period, chunk.fingerprint)));
  if (!ids) return key;
  SKALD_ASSIGN_OR_RETURN(const auto id, FindAmong(snapshot, *ids, chunk, period));
  if (!id) return key;
  key = ChunkKey(chunk.tenant, period, *id, chunk.ref);
  SKALD_ASSIGN_OR_RETURN(const auto stored, snapshot.Get(*key));
  if (!stored) key.reset();
  return key;
}

Result<StoredWatermark> StoredWatermark::Decode(std::string_view value) {
  ByteReader reader(value);
  const StoredWatermark watermark{.seq = reader.Fixed64(), .labels_crc32c = reader.Fixed32()};
  SKALD_RETURN_IF_ERROR(reader.Finish("index: watermark"));
  return watermark;
}

std::string StoredWatermark::Encode() const {
  std::string value;
  PutFixed64(value, seq);
  PutFixed32(value, labels_crc32c);
  return value;
}

Status CommitBuilder::AddChunk(const CommittedChunk& chunk) {
  const ChunkSummary& summary = chunk.ref.summary;
  const Period first = DayOf(summary.min_time);
  const Period last = DayOf(summary.max_time);
  if (last - first >= kMaxDaysOfChunk) {
    return InvalidArgument("chunk of " + chunk.labels->ToString() + " spans " +
                           std::to_string(last - first) + " days");
  }
  const std::string value = EncodeChunkValue(chunk.ref);
  for (Period period = first; period <= last; ++period) {
    SKALD_ASSIGN_OR_RETURN(const SeriesId id, IdOf(chunk, period));
    batch_.Put(ChunkKey(chunk.tenant, period, id, chunk.ref), value);
    day_packs_[DayPackKey(chunk.tenant, period, chunk.ref.pack)].Add(summary);
  }
  ++pack_chunks_[chunk.ref.pack];
  highest_seq_ = std::max(highest_seq_, summary.max_seq);
  return {};
}

Status CommitBuilder::RemoveChunk(const CommittedChunk& chunk) {
  bool named = false;
  for (Period period = DayOf(chunk.ref.summary.min_time);
       period <= DayOf(chunk.ref.summary.max_time); ++period) {
    SKALD_ASSIGN_OR_RETURN(const auto key, FindChunkKey(snapshot_, chunk, period));
    if (!key) continue;
    named = true;
    batch_.Delete(*key);
    batch_.Put(ThinnedKey(chunk.tenant, period), "");
    ++removed_of_days_[DayPackKey(chunk.tenant, period, chunk.ref.pack)];
  }
  if (named) ++removed_chunks_[chunk.ref.pack];
  return {};
}

Status CommitBuilder::AddWatermark(const Watermark& watermark) {
  if (watermark.seq == 0) return {};
  highest_seq_ = std::max(highest_seq_, watermark.seq);
  const std::string key = WatermarkKey(watermark.tenant, watermark.fingerprint);
  const uint32_t crc = Crc32c(watermark.labels->encoded());
  auto known = watermarks_.find(key);
  if (known == watermarks_.end()) {
    SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> stored, snapshot_.Get(key));
    StoredWatermark decoded{.seq = watermark.seq, .labels_crc32c = crc};
    if (stored) {
      SKALD_ASSIGN_OR_RETURN(decoded, StoredWatermark::Decode(*stored));
    }
    known = watermarks_.emplace(key, decoded).first;
  }
  StoredWatermark& merged = known->second;
  const bool shared = merged.labels_crc32c != crc || merged.seq == 0;
  merged.seq = shared ? 0 : std::max(merged.seq, watermark.seq);
  return {};
}

Result<KvBatch*> CommitBuilder::Finish() {
  for (const auto& [key, ids] : fingerprint_ids_) batch_.Put(key, ids);
  for (const auto& [key, items] : appends_) batch_.Append(key, items);
  for (const auto& [key, next_id] : next_ids_) {
    std::string value;
    PutFixed32(value, next_id);
    batch_.Put(key, value);
  }
  for (const auto& [key, pack] : day_packs_) batch_.Put(key, pack.Encode());
  for (const auto& [pack, chunks] : pack_chunks_) {
    std::string value;
    PutVarint(value, chunks);
    batch_.Put(PackKey(pack), value);
    SKALD_ASSIGN_OR_RETURN(const auto planned, snapshot_.Get(UnnamedPackKey(pack)));
    if (planned) batch_.Delete(UnnamedPackKey(pack));
  }
  SKALD_RETURN_IF_ERROR(CountRemoved());
  SKALD_RETURN_IF_ERROR(CountRemovedOfDays());
  for (const auto& [key, watermark] : watermarks_) batch_.Put(key, watermark.Encode());
  std::string seq;
  PutFixed64(seq, highest_seq_);
  batch_.Put(kHighestSeqKey, seq);
  return &batch_;
}

Status CommitBuilder::CountRemoved() {
  for (const auto& [pack, removed] : removed_chunks_) {
    const std::string key = PackKey(pack);
    SKALD_ASSIGN_OR_RETURN(const auto stored, snapshot_.Get(key));
    uint64_t left = 0;
    if (stored) {
      SKALD_ASSIGN_OR_RETURN(left, DecodeChunkCount(*stored));
    }
    if (left <= removed) {
      batch_.Delete(key);
      batch_.Put(UnnamedPackKey(pack), std::string(1, static_cast<char>(UnnamedPack::kRetired)));
      continue;
    }
    std::string value;
    PutVarint(value, left - removed);
    batch_.Put(key, value);
  }
  return {};
}

Status CommitBuilder::CountRemovedOfDays() {
  for (const auto& [key, removed] : removed_of_days_) {
    SKALD_ASSIGN_OR_RETURN(const auto stored, snapshot_.Get(key));
    if (!stored) continue;
    SKALD_ASSIGN_OR_RETURN(DayPack left, DayPack::Decode(*stored));
    left.chunks -= std::min(left.chunks, removed);
    if (left.chunks == 0) {
      batch_.Delete(key);
    } else {
      batch_.Put(key, left.Encode());
    }
  }
  return {};
}

// The series of the chunk's stream in a period, made if there is none.
Result<SeriesId> CommitBuilder::IdOf(const CommittedChunk& chunk, Period period) {
  const model::TenantId& tenant = chunk.tenant;
  const std::string fingerprint_key = FingerprintKey(tenant, period, chunk.fingerprint);
  std::string identity = fingerprint_key;
  identity += chunk.labels->encoded();
  if (const auto it = ids_.find(identity); it != ids_.end()) return it->second;

  // All series of that fingerprint, of which one may have these labels.
  auto sharing = fingerprint_ids_.find(fingerprint_key);
  std::string sharing_ids;
  if (sharing != fingerprint_ids_.end()) {
    sharing_ids = sharing->second;
  } else {
    SKALD_ASSIGN_OR_RETURN(const auto stored, snapshot_.Get(fingerprint_key));
    sharing_ids = stored.value_or("");
  }
  SKALD_ASSIGN_OR_RETURN(const std::optional<SeriesId> known,
                         FindAmong(snapshot_, sharing_ids, chunk, period));
  if (known) {
    ids_.emplace(std::move(identity), *known);
    return *known;
  }

  SKALD_ASSIGN_OR_RETURN(const SeriesId id, NextId(tenant, period));
  PutFixed32(sharing_ids, id);
  fingerprint_ids_[fingerprint_key] = std::move(sharing_ids);
  ids_.emplace(std::move(identity), id);
  SKALD_RETURN_IF_ERROR(AddSeries(tenant, period, id, *chunk.labels));
  return id;
}

Result<SeriesId> CommitBuilder::NextId(const model::TenantId& tenant, Period period) {
  const std::string key = PeriodKey(tenant, period);
  auto next = next_ids_.find(key);
  if (next == next_ids_.end()) {
    SKALD_ASSIGN_OR_RETURN(const auto stored, snapshot_.Get(key));
    if (stored && stored->size() != sizeof(SeriesId)) return DataLoss("index: malformed period");
    next = next_ids_.emplace(key, stored ? LoadFixed32(stored->data()) : 0).first;
  }
  return next->second++;
}

Status CommitBuilder::AddSeries(const model::TenantId& tenant, Period period, SeriesId id,
                                const model::Labels& labels) {
  const std::string item = ContainerItem(id);
  batch_.Put(SeriesKey(tenant, period, id), labels.encoded());
  appends_[ContainerKey(PresencePrefix(tenant, period, ""), id)] += item;
  for (const auto [name, value] : labels) {
    if (value.empty()) continue;
    appends_[ContainerKey(PresencePrefix(tenant, period, name), id)] += item;
    appends_[ContainerKey(PostingsPrefix(tenant, period, name, value), id)] += item;
    SKALD_RETURN_IF_ERROR(PutIfNew(NameKey(tenant, period, name)).status());
    const std::string prefix = ValuesPrefix(tenant, period, name);
    SKALD_ASSIGN_OR_RETURN(const bool is_new, PutIfNew(prefix + std::string(value)));
    if (is_new) names_with_new_values_.insert(prefix);
  }
  return {};
}

Result<bool> CommitBuilder::PutIfNew(std::string key) {
  if (listed_.contains(key)) return false;
  SKALD_ASSIGN_OR_RETURN(const auto stored, snapshot_.Get(key));
  if (!stored) batch_.Put(key, "");
  listed_.emplace(std::move(key), !stored);
  return !stored;
}

std::vector<std::string_view> CommitBuilder::NewValues(std::string_view prefix) const {
  std::vector<std::string_view> values;
  for (const auto& [key, is_new] : listed_) {
    if (is_new && key.starts_with(prefix)) {
      values.push_back(std::string_view(key).substr(prefix.size()));
    }
  }
  return values;
}

}  // namespace skald::chunkstore

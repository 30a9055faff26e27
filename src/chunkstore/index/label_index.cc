#include "chunkstore/index/label_index.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "chunkstore/index/postings.h"
#include "chunkstore/index/series_lookup.h"
#include "common/bytes.h"
#include "common/hash.h"

namespace skald::chunkstore {
namespace {

// A chunk is listed under every day it touches. Chunks are cut at midnight, so this is one; a
// chunk of more days than this was not made by us.
constexpr int64_t kMaxDaysOfChunk = 1000;

constexpr std::string_view kFormatVersion = "1";

// Tells apart streams that share a fingerprint.
uint32_t CheckOf(const model::Labels& labels) { return Crc32c(labels.encoded()); }

// The watermark of a fingerprint. 0 once two streams have turned out to share it: nothing can be
// said of either then, so that replay skips nothing; what it stores twice is dropped when read.
struct StoredWatermark {
  uint64_t seq = 0;
  uint32_t check = 0;  // Of the labels.
};

Result<StoredWatermark> DecodeWatermark(std::string_view value) {
  ByteReader reader(value);
  const StoredWatermark watermark{.seq = reader.Fixed64(), .check = reader.Fixed32()};
  SKALD_RETURN_IF_ERROR(reader.Finish("index: watermark"));
  return watermark;
}

// Both lists, sorted and each text once, as they are given.
void MergeInto(std::vector<std::string>& all, std::vector<std::string> more) {
  std::vector<std::string> merged;
  merged.reserve(all.size() + more.size());
  std::set_union(std::move_iterator(all.begin()), std::move_iterator(all.end()),
                 std::move_iterator(more.begin()), std::move_iterator(more.end()),
                 std::back_inserter(merged));
  all = std::move(merged);
}

// Whether a lookup of `range` takes the chunk from `period`. A chunk of several days is taken from
// the first that the lookup visits, so that it comes once.
bool TakesFrom(Period period, const ChunkRef& chunk, model::TimeRange range) {
  if (!range.Touches(chunk.summary.min_time, chunk.summary.max_time)) return false;
  return period == std::max(DayOf(chunk.summary.min_time), DayOf(range.start));
}

// The chunks that a lookup takes, of `series`, by stream.
class ChunkCollector {
 public:
  ChunkCollector(const KvSnapshot& snapshot, const model::TenantId& tenant, model::TimeRange range)
      : snapshot_(snapshot), tenant_(tenant), range_(range) {}

  Status Collect(const SeriesLookup& lookup, Period period, const Postings& series) {
    KvCursor cursor = snapshot_.Scan(ChunksPrefix(tenant_, period));
    for (const SeriesId id : series) {
      std::vector<ChunkRef> chunks;
      SKALD_RETURN_IF_ERROR(ReadChunks(cursor, period, id, chunks));
      if (chunks.empty()) continue;
      SKALD_ASSIGN_OR_RETURN(auto labels, lookup.LabelsOf(id));
      StreamChunks& stream = StreamOf(std::move(labels));
      std::ranges::move(chunks, std::back_inserter(stream.chunks));
    }
    return cursor.status();
  }

  std::vector<StreamChunks> Take() {
    std::ranges::sort(streams_, [](const StreamChunks& a, const StreamChunks& b) {
      return *a.labels < *b.labels;
    });
    return std::move(streams_);
  }

 private:
  // Series come in the order of their keys, so the next one's chunks are often next as well.
  Status ReadChunks(KvCursor& cursor, Period period, SeriesId id, std::vector<ChunkRef>& chunks) {
    const std::string prefix = SeriesChunksPrefix(id);
    if (!cursor.Valid()) return cursor.status();
    if (cursor.key() < prefix) cursor.Seek(prefix);
    for (; cursor.Valid() && cursor.key().starts_with(prefix); cursor.Next()) {
      SKALD_ASSIGN_OR_RETURN(ChunkRef chunk, DecodeChunk(cursor.value()));
      if (TakesFrom(period, chunk, range_)) chunks.push_back(std::move(chunk));
    }
    return cursor.status();
  }

  StreamChunks& StreamOf(std::shared_ptr<const model::Labels> labels) {
    const auto [it, added] = by_labels_.try_emplace(labels->encoded(), streams_.size());
    if (added) streams_.push_back({.labels = std::move(labels), .chunks = {}});
    return streams_[it->second];
  }

  const KvSnapshot& snapshot_;
  const model::TenantId& tenant_;
  const model::TimeRange range_;
  std::vector<StreamChunks> streams_;
  ViewMap<size_t> by_labels_;  // Views into the labels of streams_.
};

}  // namespace

// A commit in the making: the batch, and what it adds that cannot be read back yet.
struct LabelIndex::Changes {
  explicit Changes(KvSnapshot s) : snapshot(std::move(s)) {}

  KvSnapshot snapshot;
  KvBatch batch;
  StringMap<SeriesId> next_ids;           // By PeriodKey.
  StringMap<SeriesId> new_series;         // By FingerprintKey and labels.
  StringMap<std::string> ids_of;          // By FingerprintKey: the whole new value.
  StringMap<StoredWatermark> watermarks;  // By WatermarkKey.
  StringMap<uint64_t> packs;              // Chunks in each.
  uint64_t highest_seq = 0;
};

Result<std::unique_ptr<LabelIndex>> LabelIndex::Open(const Options& options) {
  SKALD_ASSIGN_OR_RETURN(
      std::unique_ptr<KvStore> store,
      KvStore::Open({.folder = options.folder, .cache_bytes = options.cache_bytes}));
  std::unique_ptr<LabelIndex> index(new LabelIndex(std::move(store), options));
  SKALD_RETURN_IF_ERROR(index->LoadHighestSeq());
  return index;
}

LabelIndex::LabelIndex(std::unique_ptr<KvStore> store, const Options& options)
    : store_(std::move(store)), labels_cache_(options.labels_cache_bytes) {}

Status LabelIndex::LoadHighestSeq() {
  SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                         store_->Snapshot().Get(kHighestSeqKey));
  if (!value) return {};
  if (value->size() != sizeof(uint64_t)) return DataLoss("index: malformed highest seq");
  MutexLock lock(commit_mutex_);
  highest_seq_ = LoadFixed64(value->data());
  return {};
}

Result<bool> LabelIndex::IsFounded() const {
  SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> version,
                         store_->Snapshot().Get(kFormatKey));
  if (version && *version != kFormatVersion) {
    return Status(StatusCode::kUnimplemented,
                  "index format version " + *version + " is not known here");
  }
  return version.has_value();
}

Status LabelIndex::MarkFounded() {
  KvBatch batch;
  batch.Put(kFormatKey, kFormatVersion);
  return store_->Write(batch);
}

Status LabelIndex::Commit(const FlushCommit& commit) {
  MutexLock lock(commit_mutex_);
  Changes changes(store_->Snapshot());
  changes.highest_seq = highest_seq_;
  for (const CommittedChunk& chunk : commit.chunks) {
    SKALD_RETURN_IF_ERROR(AddChunk(chunk, changes));
  }
  for (const Watermark& watermark : commit.watermarks) {
    SKALD_RETURN_IF_ERROR(AddWatermark(watermark, changes));
  }
  WriteTotals(changes);
  SKALD_RETURN_IF_ERROR(store_->Write(changes.batch));
  highest_seq_ = changes.highest_seq;
  return {};
}

void LabelIndex::WriteTotals(Changes& changes) {
  for (const auto& [key, next_id] : changes.next_ids) {
    std::string value;
    PutFixed32(value, next_id);
    changes.batch.Put(key, value);
  }
  for (const auto& [key, ids] : changes.ids_of) changes.batch.Put(key, ids);
  for (const auto& [pack, chunks] : changes.packs) {
    std::string value;
    PutVarint(value, chunks);
    changes.batch.Put(PackKey(pack), value);
  }
  for (const auto& [key, watermark] : changes.watermarks) {
    std::string value;
    PutFixed64(value, watermark.seq);
    PutFixed32(value, watermark.check);
    changes.batch.Put(key, value);
  }
  std::string seq;
  PutFixed64(seq, changes.highest_seq);
  changes.batch.Put(kHighestSeqKey, seq);
}

Status LabelIndex::AddChunk(const CommittedChunk& chunk, Changes& changes) {
  const ChunkSummary& summary = chunk.ref.summary;
  const Period first = DayOf(summary.min_time);
  const Period last = DayOf(summary.max_time);
  if (last - first >= kMaxDaysOfChunk) {
    return InvalidArgument("chunk of " + chunk.labels->ToString() + " spans " +
                           std::to_string(last - first) + " days");
  }
  const std::string value = EncodeChunkValue(chunk.ref);
  for (Period period = first; period <= last; ++period) {
    SKALD_ASSIGN_OR_RETURN(const SeriesId id, AddSeries(chunk, period, changes));
    changes.batch.Put(ChunkKey(chunk.tenant, period, id, chunk.ref), value);
  }
  ++changes.packs[chunk.ref.pack];
  changes.highest_seq = std::max(changes.highest_seq, summary.max_seq);
  return {};
}

Result<SeriesId> LabelIndex::AddSeries(const CommittedChunk& chunk, Period period,
                                       Changes& changes) {
  const KvSnapshot& snapshot = changes.snapshot;
  const std::string fingerprint_key = FingerprintKey(chunk.tenant, period, chunk.fingerprint);
  const std::string identity = fingerprint_key + std::string(chunk.labels->encoded());
  if (const auto it = changes.new_series.find(identity); it != changes.new_series.end()) {
    return it->second;
  }
  // Series of that fingerprint: those stored, unless this commit has added another.
  auto ids = changes.ids_of.find(fingerprint_key);
  std::string known;
  if (ids != changes.ids_of.end()) {
    known = ids->second;
  } else {
    SKALD_ASSIGN_OR_RETURN(const auto stored, snapshot.Get(fingerprint_key));
    known = stored.value_or("");
  }
  for (size_t at = 0; at + sizeof(SeriesId) <= known.size(); at += sizeof(SeriesId)) {
    const SeriesId id = LoadFixed32(known.data() + at);
    SKALD_ASSIGN_OR_RETURN(const auto labels, snapshot.Get(SeriesKey(chunk.tenant, period, id)));
    if (labels && *labels == chunk.labels->encoded()) {
      changes.new_series.emplace(identity, id);
      return id;
    }
  }

  const std::string period_key = PeriodKey(chunk.tenant, period);
  auto next = changes.next_ids.find(period_key);
  if (next == changes.next_ids.end()) {
    SKALD_ASSIGN_OR_RETURN(const auto stored, snapshot.Get(period_key));
    const SeriesId first_id = stored ? LoadFixed32(stored->data()) : 0;
    next = changes.next_ids.emplace(period_key, first_id).first;
  }
  const SeriesId id = next->second++;
  PutFixed32(known, id);
  changes.ids_of[fingerprint_key] = std::move(known);
  changes.new_series.emplace(identity, id);

  KvBatch& batch = changes.batch;
  const std::string item = ContainerItem(id);
  const model::TenantId& tenant = chunk.tenant;
  batch.Put(SeriesKey(tenant, period, id), chunk.labels->encoded());
  batch.Append(ContainerKey(PresencePrefix(tenant, period, ""), id), item);
  for (const auto [name, value] : *chunk.labels) {
    if (value.empty()) continue;
    batch.Put(NameKey(tenant, period, name), "");
    batch.Put(ValueKey(tenant, period, name, value), "");
    batch.Append(ContainerKey(PostingsPrefix(tenant, period, name, value), id), item);
    batch.Append(ContainerKey(PresencePrefix(tenant, period, name), id), item);
  }
  return id;
}

Status LabelIndex::AddWatermark(const Watermark& watermark, Changes& changes) {
  if (watermark.seq == 0) return {};
  changes.highest_seq = std::max(changes.highest_seq, watermark.seq);
  const std::string key = WatermarkKey(watermark.tenant, watermark.fingerprint);
  const uint32_t check = CheckOf(*watermark.labels);
  auto known = changes.watermarks.find(key);
  if (known == changes.watermarks.end()) {
    SKALD_ASSIGN_OR_RETURN(const auto stored, changes.snapshot.Get(key));
    StoredWatermark decoded{.seq = watermark.seq, .check = check};
    if (stored) {
      SKALD_ASSIGN_OR_RETURN(decoded, DecodeWatermark(*stored));
    }
    known = changes.watermarks.emplace(key, decoded).first;
  }
  StoredWatermark& merged = known->second;
  const bool shared = merged.check != check || merged.seq == 0;
  merged.seq = shared ? 0 : std::max(merged.seq, watermark.seq);
  return {};
}

Result<uint64_t> LabelIndex::FlushedSeq(const model::TenantId& tenant,
                                        model::Fingerprint fingerprint) const {
  SKALD_ASSIGN_OR_RETURN(const auto value,
                         store_->Snapshot().Get(WatermarkKey(tenant, fingerprint)));
  if (!value) return uint64_t{0};
  SKALD_ASSIGN_OR_RETURN(const StoredWatermark watermark, DecodeWatermark(*value));
  return watermark.seq;
}

uint64_t LabelIndex::HighestSeq() const {
  MutexLock lock(commit_mutex_);
  return highest_seq_;
}

Result<std::vector<std::string>> LabelIndex::Packs() const {
  std::vector<std::string> packs;
  const KvSnapshot snapshot = store_->Snapshot();
  KvCursor cursor = snapshot.Scan(PacksPrefix());
  for (; cursor.Valid(); cursor.Next()) packs.emplace_back(cursor.key());
  SKALD_RETURN_IF_ERROR(cursor.status());
  return packs;
}

Result<std::vector<Period>> LabelIndex::PeriodsIn(const KvSnapshot& snapshot,
                                                  const model::TenantId& tenant,
                                                  model::TimeRange range) const {
  std::vector<Period> periods;
  if (range.empty()) return periods;
  KvCursor cursor = snapshot.Scan(PeriodsPrefix(tenant));
  for (; cursor.Valid(); cursor.Next()) {
    SKALD_ASSIGN_OR_RETURN(const Period period, DecodePeriod(cursor.key()));
    if (period >= DayOf(range.start) && period <= DayOf(range.end - 1)) periods.push_back(period);
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return periods;
}

Result<std::vector<StreamChunks>> LabelIndex::Find(const model::TenantId& tenant,
                                                   const model::Matchers& matchers,
                                                   model::TimeRange range) const {
  const KvSnapshot snapshot = store_->Snapshot();
  SKALD_ASSIGN_OR_RETURN(const auto periods, PeriodsIn(snapshot, tenant, range));
  ChunkCollector collector(snapshot, tenant, range);
  for (const Period period : periods) {
    const SeriesLookup lookup(snapshot, labels_cache_, tenant, period);
    SKALD_ASSIGN_OR_RETURN(const Postings series, lookup.Find(matchers));
    SKALD_RETURN_IF_ERROR(collector.Collect(lookup, period, series));
  }
  return collector.Take();
}

Result<std::vector<std::string>> LabelIndex::LabelNames(const model::TenantId& tenant,
                                                        const model::Matchers& matchers,
                                                        model::TimeRange range) const {
  const KvSnapshot snapshot = store_->Snapshot();
  SKALD_ASSIGN_OR_RETURN(const auto periods, PeriodsIn(snapshot, tenant, range));
  std::vector<std::string> names;
  for (const Period period : periods) {
    const SeriesLookup lookup(snapshot, labels_cache_, tenant, period);
    Result<std::vector<std::string>> found = std::vector<std::string>();
    if (matchers.empty()) {
      found = lookup.Names();
    } else {
      SKALD_ASSIGN_OR_RETURN(const Postings series, lookup.Find(matchers));
      found = lookup.NamesOf(series);
    }
    if (!found.ok()) return found;
    MergeInto(names, *std::move(found));
  }
  return names;
}

Result<std::vector<std::string>> LabelIndex::LabelValues(const model::TenantId& tenant,
                                                         std::string_view name,
                                                         const model::Matchers& matchers,
                                                         model::TimeRange range) const {
  const KvSnapshot snapshot = store_->Snapshot();
  SKALD_ASSIGN_OR_RETURN(const auto periods, PeriodsIn(snapshot, tenant, range));
  std::vector<std::string> values;
  for (const Period period : periods) {
    const SeriesLookup lookup(snapshot, labels_cache_, tenant, period);
    Result<std::vector<std::string>> found = std::vector<std::string>();
    if (matchers.empty()) {
      found = lookup.Values(name);
    } else {
      SKALD_ASSIGN_OR_RETURN(const Postings series, lookup.Find(matchers));
      found = lookup.ValuesOf(name, series);
    }
    if (!found.ok()) return found;
    MergeInto(values, *std::move(found));
  }
  return values;
}

}  // namespace skald::chunkstore

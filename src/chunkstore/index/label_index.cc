#include "chunkstore/index/label_index.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "chunkstore/index/day_packs.h"
#include "chunkstore/index/postings.h"
#include "chunkstore/index/range_lookup.h"
#include "chunkstore/index/series_sweep.h"
#include "common/bytes.h"
#include "common/fault_point.h"
#include "common/hash.h"

namespace skald::chunkstore {
namespace {

// Forgotten by one write: bounds how long commits wait.
constexpr size_t kSeriesPerSweep = 4096;

}  // namespace

Result<std::unique_ptr<LabelIndex>> LabelIndex::Open(const Options& options) {
  SKALD_ASSIGN_OR_RETURN(
      std::unique_ptr<KvStore> store,
      KvStore::Open(
          {.folder = options.folder, .cache_bytes = options.cache_bytes, .env = options.env}));
  std::unique_ptr<LabelIndex> index(new LabelIndex(std::move(store), options));
  MutexLock lock(index->commit_mutex_);
  SKALD_RETURN_IF_ERROR(index->LoadHighestSeq());
  SKALD_RETURN_IF_ERROR(index->Upgrade());
  return index;
}

LabelIndex::LabelIndex(std::unique_ptr<KvStore> store, const Options& options)
    : store_(std::move(store)),
      lookups_(options.lookups),
      labels_cache_(options.labels_cache_bytes, options.memory),
      values_(options.values_cache_bytes, options.memory) {}

size_t LabelIndex::ShrinkCaches(size_t bytes) {
  const size_t freed = labels_cache_.Shrink(bytes);
  return freed < bytes ? freed + values_.Shrink(bytes - freed) : freed;
}

Status LabelIndex::LoadHighestSeq() {
  SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                         store_->Snapshot().Get(kHighestSeqKey));
  if (!value) return {};
  if (value->size() != sizeof(uint64_t)) return DataLoss("index: malformed highest seq");
  highest_seq_ = LoadFixed64(value->data());
  return {};
}

Status LabelIndex::Upgrade() {
  const KvSnapshot snapshot = store_->Snapshot();
  SKALD_ASSIGN_OR_RETURN(const auto version, snapshot.Get(kFormatKey));
  if (version != kVersionWithoutDayPacks) return {};
  KvBatch batch;
  SKALD_RETURN_IF_ERROR(CountDayPacks(snapshot, batch));
  batch.Put(kFormatKey, kFormatVersion);
  return store_->Write(batch);
}

Status LabelIndex::Recover() {
  SKALD_RETURN_IF_ERROR(store_->Recover());
  values_.ChangedUnder("");  // What became of the write is known only now.
  return LoadHighestSeq();
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

Status LabelIndex::AddAll(const FlushCommit& commit, CommitBuilder& builder) {
  for (const CommittedChunk& chunk : commit.removed) {
    SKALD_RETURN_IF_ERROR(builder.RemoveChunk(chunk));
  }
  for (const CommittedChunk& chunk : commit.chunks) {
    SKALD_RETURN_IF_ERROR(builder.AddChunk(chunk));
  }
  for (const Watermark& watermark : commit.watermarks) {
    SKALD_RETURN_IF_ERROR(builder.AddWatermark(watermark));
  }
  return {};
}

CommitOutcome LabelIndex::TryCommit(const FlushCommit& commit) {
  MutexLock lock(commit_mutex_);
  if (store_->failed()) {
    if (Status status = Recover(); !status.ok()) return {.status = std::move(status)};
  }
  CommitOutcome outcome = CommitOnce(commit);
  // What fails in the background RocksDB tells the next who writes. Written twice is as once: the
  // second batch is made of what is there then.
  if (store_->failed() && Recover().ok()) outcome = CommitOnce(commit);
  return outcome;
}

CommitOutcome LabelIndex::CommitOnce(const FlushCommit& commit) {
  const KvSnapshot snapshot = store_->Snapshot();
  CommitBuilder builder(snapshot, highest_seq_);
  if (Status status = AddAll(commit, builder); !status.ok()) return {.status = std::move(status)};
  Result<KvBatch*> batch = builder.Finish();
  if (!batch.ok()) return {.status = batch.status()};
  for (const CommittedChunk& chunk : commit.removed) {
    const ChunkSummary& summary = chunk.ref.summary;
    for (Period day = DayOf(summary.min_time); day <= DayOf(summary.max_time); ++day) {
      thinned_.insert({chunk.tenant, day});
    }
  }
  FaultPoint("index.before_commit");
  Status written = store_->Write(**batch);
  if (!written.ok()) {
    values_.ChangedUnder("");  // What became of it is not known.
    return {.status = std::move(written), .may_be_written = true};
  }
  values_.Changed(builder.names_with_new_values(),
                  [&](std::string_view prefix) { return builder.NewValues(prefix); });
  FaultPoint("index.committed");
  highest_seq_ = builder.highest_seq();
  return {};
}

Status LabelIndex::ForgetEmptySeries() {
  {
    MutexLock lock(commit_mutex_);
    thinned_.clear();
  }
  SKALD_ASSIGN_OR_RETURN(const std::vector<TenantDay> days, DaysOf(ThinnedPrefix()));
  for (const TenantDay& day : days) {
    SKALD_RETURN_IF_ERROR(ForgetEmptySeriesOf(day));
    FaultPoint("index.swept");
    SKALD_RETURN_IF_ERROR(Unmark(day));
  }
  return {};
}

Status LabelIndex::PurgeForgotten(const CancelToken& cancel) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<TenantDay> days, DaysOf(UnpurgedPrefix()));
  if (days.empty()) return {};
  std::vector<std::string> prefixes;
  KvBatch purged;
  for (const auto& [tenant, period] : days) {
    for (std::string& prefix : KindPrefixesOfDay(tenant, period)) {
      prefixes.push_back(std::move(prefix));
    }
    purged.Delete(UnpurgedKey(tenant, period));
  }
  std::ranges::sort(prefixes);
  return store_->Purge(prefixes, purged, cancel);
}

Result<std::vector<LabelIndex::TenantDay>> LabelIndex::DaysOf(const std::string& prefix) const {
  std::vector<TenantDay> days;
  const KvSnapshot snapshot = store_->Snapshot();
  KvCursor cursor = snapshot.Scan(prefix);
  for (; cursor.Valid(); cursor.Next()) {
    SKALD_ASSIGN_OR_RETURN(TenantDay day, DecodeTenantDay(cursor.key()));
    days.push_back(std::move(day));
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return days;
}

Status LabelIndex::Unmark(const TenantDay& day) {
  MutexLock lock(commit_mutex_);
  if (thinned_.contains(day)) return {};
  KvBatch batch;
  batch.Delete(ThinnedKey(day.first, day.second));
  return store_->Write(batch);
}

Status LabelIndex::ForgetEmptySeriesOf(const TenantDay& day) {
  const auto& [tenant, period] = day;
  SKALD_ASSIGN_OR_RETURN(const DaySurvey survey,
                         SurveyDay(store_->Snapshot(), tenant, period, SurveyUntil::kEnd));
  if (survey.empty.empty()) return {};
  if (!survey.has_chunks) {
    SKALD_ASSIGN_OR_RETURN(const bool forgotten, ForgetEmptyDay(day));
    if (forgotten) return {};
  }
  for (size_t begin = 0; begin < survey.empty.size(); begin += kSeriesPerSweep) {
    const size_t end = std::min(begin + kSeriesPerSweep, survey.empty.size());
    const Postings some(survey.empty.begin() + static_cast<ptrdiff_t>(begin),
                        survey.empty.begin() + static_cast<ptrdiff_t>(end));
    MutexLock lock(commit_mutex_);
    KvBatch batch;
    SKALD_RETURN_IF_ERROR(ForgetSeries(store_->Snapshot(), tenant, period, some, batch).status());
    const Status written = store_->Write(batch);
    values_.ChangedUnder(AllValuesPrefix(tenant, period));
    SKALD_RETURN_IF_ERROR(written);
  }
  return {};
}

Result<bool> LabelIndex::ForgetEmptyDay(const TenantDay& day) {
  const auto& [tenant, period] = day;
  MutexLock lock(commit_mutex_);
  SKALD_ASSIGN_OR_RETURN(const DaySurvey survey,
                         SurveyDay(store_->Snapshot(), tenant, period, SurveyUntil::kFirstChunk));
  if (survey.has_chunks) return false;  // Some have come since.
  KvBatch batch;
  ForgetDay(tenant, period, batch);
  const Status written = store_->Write(batch);
  values_.ChangedUnder(AllValuesPrefix(tenant, period));
  SKALD_RETURN_IF_ERROR(written);
  return true;
}

Result<std::optional<int64_t>> LabelIndex::RetentionFloor() const {
  std::optional<int64_t> floor_ns;
  SKALD_ASSIGN_OR_RETURN(const auto value, store_->Snapshot().Get(kRetentionFloorKey));
  if (!value) return floor_ns;
  if (value->size() != sizeof(int64_t)) return DataLoss("index: malformed retention floor");
  floor_ns = static_cast<int64_t>(LoadFixed64(value->data()));
  return floor_ns;
}

Status LabelIndex::SetRetentionFloor(std::optional<int64_t> time_ns) {
  KvBatch batch;
  if (time_ns) {
    std::string value;
    PutFixed64(value, static_cast<uint64_t>(*time_ns));
    batch.Put(kRetentionFloorKey, value);
  } else {
    batch.Delete(kRetentionFloorKey);
  }
  return store_->Write(batch);
}

Result<uint64_t> LabelIndex::FlushedSeq(const model::TenantId& tenant,
                                        model::Fingerprint fingerprint) const {
  SKALD_ASSIGN_OR_RETURN(const auto value,
                         store_->Snapshot().Get(WatermarkKey(tenant, fingerprint)));
  if (!value) return uint64_t{0};
  SKALD_ASSIGN_OR_RETURN(const StoredWatermark watermark, StoredWatermark::Decode(*value));
  return watermark.seq;
}

uint64_t LabelIndex::HighestSeq() const {
  MutexLock lock(commit_mutex_);
  return highest_seq_;
}

Result<std::vector<CommittedChunk>> LabelIndex::Named(std::vector<CommittedChunk> chunks) const {
  const KvSnapshot snapshot = store_->Snapshot();
  std::vector<CommittedChunk> named;
  for (CommittedChunk& chunk : chunks) {
    SKALD_ASSIGN_OR_RETURN(const auto key,
                           FindChunkKey(snapshot, chunk, DayOf(chunk.ref.summary.min_time)));
    if (key) named.push_back(std::move(chunk));
  }
  return named;
}

Result<std::vector<model::TenantId>> LabelIndex::Tenants() const {
  std::vector<model::TenantId> tenants;
  const KvSnapshot snapshot = store_->Snapshot();
  KvCursor cursor = snapshot.Scan(TenantsPrefix());
  while (cursor.Valid()) {
    SKALD_ASSIGN_OR_RETURN(model::TenantId tenant, DecodeTenant(cursor.key()));
    // Past all periods of this one.
    const std::string after = PeriodsPrefix(tenant).substr(TenantsPrefix().size()) + "\xff";
    tenants.push_back(std::move(tenant));
    cursor.Seek(after);
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return tenants;
}

Status LabelIndex::WriteRecovered(KvBatch& batch) {
  if (store_->failed()) SKALD_RETURN_IF_ERROR(Recover());
  return store_->Write(batch);
}

Status LabelIndex::PlanPack(const std::string& pack) {
  KvBatch batch;
  batch.Put(UnnamedPackKey(pack), std::string(1, static_cast<char>(UnnamedPack::kPlanned)));
  MutexLock lock(commit_mutex_);
  return WriteRecovered(batch);
}

Result<std::map<std::string, UnnamedPack>> LabelIndex::UnnamedPacks() const {
  std::map<std::string, UnnamedPack> packs;
  const KvSnapshot snapshot = store_->Snapshot();
  KvCursor cursor = snapshot.Scan(UnnamedPacksPrefix());
  for (; cursor.Valid(); cursor.Next()) {
    const std::string_view value = cursor.value();
    const auto why = value.size() == 1 ? static_cast<UnnamedPack>(value[0]) : UnnamedPack();
    if (why != UnnamedPack::kPlanned && why != UnnamedPack::kRetired) {
      return DataLoss("index: malformed unnamed pack");
    }
    packs.emplace(cursor.key(), why);
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return packs;
}

Status LabelIndex::ForgetUnnamed(const std::vector<std::string>& packs) {
  if (packs.empty()) return {};
  KvBatch batch;
  for (const std::string& pack : packs) batch.Delete(UnnamedPackKey(pack));
  MutexLock lock(commit_mutex_);
  return WriteRecovered(batch);
}

Result<std::vector<std::string>> LabelIndex::Packs() const {
  std::vector<std::string> packs;
  const KvSnapshot snapshot = store_->Snapshot();
  KvCursor cursor = snapshot.Scan(PacksPrefix());
  for (; cursor.Valid(); cursor.Next()) packs.emplace_back(cursor.key());
  SKALD_RETURN_IF_ERROR(cursor.status());
  return packs;
}

Result<std::vector<Period>> LabelIndex::Days(const model::TenantId& tenant,
                                             model::TimeRange range) const {
  const KvSnapshot snapshot = store_->Snapshot();
  return RangeLookup(snapshot, labels_cache_, tenant, range).Days();
}

Result<std::vector<StreamChunks>> LabelIndex::Find(const model::TenantId& tenant,
                                                   const model::Matchers& matchers,
                                                   model::TimeRange range, const PackChoice& wants,
                                                   const CancelToken& cancel) const {
  const KvSnapshot snapshot = store_->Snapshot(cancel);
  return RangeLookup(snapshot, labels_cache_, tenant, range).Find(matchers, wants, cancel);
}

Result<bool> LabelIndex::HasName(const model::TenantId& tenant, std::string_view name,
                                 model::TimeRange range) const {
  const KvSnapshot snapshot = store_->Snapshot();
  return RangeLookup(snapshot, labels_cache_, tenant, range).HasName(name);
}

Result<std::vector<std::string>> LabelIndex::LabelNames(const model::TenantId& tenant,
                                                        const model::Matchers& matchers,
                                                        model::TimeRange range,
                                                        const CancelToken& cancel) const {
  const KvSnapshot snapshot = store_->Snapshot(cancel);
  return RangeLookup(snapshot, labels_cache_, tenant, range).LabelNames(matchers);
}

Result<TextList> LabelIndex::LabelValues(const model::TenantId& tenant, std::string_view name,
                                         const model::Matchers& matchers, model::TimeRange range,
                                         const CancelToken& cancel) const {
  const KnownValues known{&values_, values_.At()};  // Before the snapshot.
  const KvSnapshot snapshot = store_->Snapshot(cancel);
  return RangeLookup(snapshot, labels_cache_, tenant, range, lookups_, known)
      .LabelValues(name, matchers, cancel);
}

Result<model::SeriesList> LabelIndex::Series(const model::TenantId& tenant,
                                             const model::Matchers& matchers,
                                             model::TimeRange range,
                                             const CancelToken& cancel) const {
  const KvSnapshot snapshot = store_->Snapshot(cancel);
  return RangeLookup(snapshot, labels_cache_, tenant, range, lookups_).Series(matchers, cancel);
}

}  // namespace skald::chunkstore

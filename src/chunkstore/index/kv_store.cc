#include "chunkstore/index/kv_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <cstdarg>
#include <filesystem>
#include <system_error>
#include <utility>

namespace skald::chunkstore {
namespace {

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

Status ToStatus(const rocksdb::Status& status) {
  if (status.ok()) return {};
  const std::string message = "index: " + status.ToString();
  if (status.IsCorruption()) return DataLoss(message);
  if (status.IsNoSpace()) return ResourceExhausted(message);
  return Unavailable(message);
}

// Values grow by their ends: postings take a few bytes for each new series.
class AppendOperator final : public rocksdb::MergeOperator {
 public:
  const char* Name() const override { return "skald.append"; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    size_t bytes = in.existing_value != nullptr ? in.existing_value->size() : 0;
    for (const rocksdb::Slice& operand : in.operand_list) bytes += operand.size();
    out->new_value.clear();  // An iterator passes what it made of the key before.
    out->new_value.reserve(bytes);
    if (in.existing_value != nullptr) {
      out->new_value.assign(in.existing_value->data(), in.existing_value->size());
    }
    for (const rocksdb::Slice& operand : in.operand_list) {
      out->new_value.append(operand.data(), operand.size());
    }
    return true;
  }

  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands,
                         std::string* value, rocksdb::Logger*) const override {
    value->clear();
    for (const rocksdb::Slice& operand : operands) value->append(operand.data(), operand.size());
    return true;
  }
};

// The first key past all that begin with `prefix`; empty if there is none.
std::string PastPrefix(std::string_view prefix) {
  std::string past(prefix);
  while (!past.empty() && static_cast<uint8_t>(past.back()) == 0xff) past.pop_back();
  if (!past.empty()) ++past.back();
  return past;
}

// Takes no lines: a store that is only read leaves no file in its folder.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options TunedOptions(const KvStore::Options& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.cache_bytes, 4);
  table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.block_size = 16 << 10;
  table.format_version = 5;

  rocksdb::Options tuned;
  tuned.create_if_missing = true;
  tuned.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  tuned.merge_operator = std::make_shared<AppendOperator>();
  tuned.memtable_whole_key_filtering = true;
  tuned.memtable_prefix_bloom_size_ratio = 0.02;
  tuned.write_buffer_size = options.write_buffer_bytes;
  tuned.max_write_buffer_number = 2;
  tuned.max_total_wal_size = 4 * options.write_buffer_bytes;
  tuned.target_file_size_base = 16 << 20;
  tuned.compression = rocksdb::kLZ4Compression;
  tuned.max_background_jobs = 2;
  tuned.max_open_files = 256;
  // To open in milliseconds: no walk over files, no flush of what was replayed.
  tuned.skip_stats_update_on_db_open = true;
  tuned.skip_checking_sst_file_sizes_on_db_open = true;
  tuned.avoid_flush_during_recovery = true;
  tuned.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  tuned.info_log_level = rocksdb::WARN_LEVEL;
  tuned.keep_log_file_num = 2;
  tuned.max_log_file_size = 1 << 20;
  tuned.stats_dump_period_sec = 0;
  tuned.stats_persist_period_sec = 0;
  return tuned;
}

}  // namespace

struct KvBatch::Rep {
  rocksdb::WriteBatch batch;
};

struct KvStore::Rep {
  std::unique_ptr<rocksdb::DB> db;
};

struct KvSnapshot::Rep {
  ~Rep() { db->ReleaseSnapshot(snapshot); }

  rocksdb::ReadOptions ReadOptions() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    return options;
  }

  rocksdb::DB* db = nullptr;
  const rocksdb::Snapshot* snapshot = nullptr;
};

struct KvCursor::Rep {
  std::string prefix;
  std::string upper_bound;  // The first key past the prefix; empty if there is none.
  rocksdb::Slice upper_bound_slice;
  std::unique_ptr<rocksdb::Iterator> iterator;
};

KvBatch::KvBatch() : rep_(std::make_unique<Rep>()) {}
KvBatch::~KvBatch() = default;
void KvBatch::Put(std::string_view key, std::string_view value) {
  rep_->batch.Put(ToSlice(key), ToSlice(value));
}
void KvBatch::Append(std::string_view key, std::string_view bytes) {
  rep_->batch.Merge(ToSlice(key), ToSlice(bytes));
}
void KvBatch::Delete(std::string_view key) { rep_->batch.Delete(ToSlice(key)); }
void KvBatch::DeletePrefix(std::string_view prefix) {
  rep_->batch.DeleteRange(ToSlice(prefix), PastPrefix(prefix));
}

KvCursor::KvCursor(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
KvCursor::~KvCursor() = default;
KvCursor::KvCursor(KvCursor&&) noexcept = default;

bool KvCursor::Valid() const {
  return rep_->iterator->Valid() && ToView(rep_->iterator->key()).starts_with(rep_->prefix);
}
void KvCursor::Next() { rep_->iterator->Next(); }
void KvCursor::Seek(std::string_view key) {
  std::string target = rep_->prefix;
  target.append(key);
  rep_->iterator->Seek(target);
}
std::string_view KvCursor::key() const {
  return ToView(rep_->iterator->key()).substr(rep_->prefix.size());
}
std::string_view KvCursor::value() const { return ToView(rep_->iterator->value()); }
Status KvCursor::status() const { return ToStatus(rep_->iterator->status()); }

KvSnapshot::KvSnapshot(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
KvSnapshot::~KvSnapshot() = default;
KvSnapshot::KvSnapshot(KvSnapshot&&) noexcept = default;

Result<std::optional<std::string>> KvSnapshot::Get(std::string_view key) const {
  std::string value;
  const rocksdb::Status status = rep_->db->Get(rep_->ReadOptions(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ToStatus(status);
  return std::optional<std::string>(std::move(value));
}

KvCursor KvSnapshot::Scan(std::string_view prefix) const {
  auto cursor = std::make_unique<KvCursor::Rep>();
  cursor->prefix = prefix;
  cursor->upper_bound = PastPrefix(prefix);
  rocksdb::ReadOptions options = rep_->ReadOptions();
  if (!cursor->upper_bound.empty()) {
    cursor->upper_bound_slice = cursor->upper_bound;
    options.iterate_upper_bound = &cursor->upper_bound_slice;
  }
  cursor->iterator.reset(rep_->db->NewIterator(options));
  cursor->iterator->Seek(cursor->prefix);
  return KvCursor(std::move(cursor));
}

KvStore::KvStore(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
KvStore::~KvStore() = default;

Result<std::unique_ptr<KvStore>> KvStore::Open(const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) return Unavailable("index: " + options.folder + ": " + error.message());
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(TunedOptions(options), options.folder, &db);
  if (!status.ok()) return ToStatus(status);
  auto rep = std::make_unique<Rep>();
  rep->db.reset(db);
  return std::unique_ptr<KvStore>(new KvStore(std::move(rep)));
}

Result<std::unique_ptr<KvStore>> KvStore::OpenReadOnly(const Options& options) {
  std::error_code error;
  if (!std::filesystem::exists(options.folder + "/CURRENT", error)) {
    return NotFound("index: there is none in " + options.folder);
  }
  rocksdb::Options tuned = TunedOptions(options);
  tuned.create_if_missing = false;
  tuned.info_log = std::make_shared<SilentLogger>();
  // A writer removes files while they are looked for: then the next attempt finds newer ones.
  constexpr int kAttempts = 5;
  rocksdb::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    rocksdb::DB* db = nullptr;
    status = rocksdb::DB::OpenForReadOnly(tuned, options.folder, &db);
    if (!status.ok()) continue;
    auto rep = std::make_unique<Rep>();
    rep->db.reset(db);
    return std::unique_ptr<KvStore>(new KvStore(std::move(rep)));
  }
  return ToStatus(status);
}

Status KvStore::SetAside(const std::string& folder) {
  const std::string aside = folder + ".damaged";
  std::error_code error;
  std::filesystem::remove_all(aside, error);
  if (!error) std::filesystem::rename(folder, aside, error);
  return error ? Unavailable("index: cannot set aside " + folder + ": " + error.message())
               : Status();
}

Status KvStore::Write(KvBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  rocksdb::Status status = rep_->db->Write(options, &batch.rep_->batch);
  // After a failed write RocksDB refuses all others until it is told to go on.
  if (!status.ok() && rep_->db->Resume().ok()) {
    status = rep_->db->Write(options, &batch.rep_->batch);
  }
  return ToStatus(status);
}

Status KvStore::Checkpoint(const std::string& folder) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(rep_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
  return ToStatus(status);
}

KvSnapshot KvStore::Snapshot() const {
  auto snapshot = std::make_unique<KvSnapshot::Rep>();
  snapshot->db = rep_->db.get();
  snapshot->snapshot = rep_->db->GetSnapshot();
  return KvSnapshot(std::move(snapshot));
}

}  // namespace skald::chunkstore

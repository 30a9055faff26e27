#include "chunkstore/index/kv_store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "chunkstore/index/key_span.h"
#include "chunkstore/index/range_purge.h"
#include "chunkstore/index/rocksdb_options.h"
#include "chunkstore/index/rocksdb_status.h"
#include "chunkstore/index/step_check.h"
#include "chunkstore/index/store_folder.h"
#include "chunkstore/index/table_check.h"
#include "common/logging.h"
#include "common/mutex.h"

namespace skald::chunkstore {
namespace {

// Room that there must be before a failed store is closed to be opened anew: more than that takes.
constexpr size_t kProbeBytes = 256 << 10;

// How long is waited for snapshots of lookups, which take few of these pauses.
constexpr int kSnapshotPauses = 1000;
constexpr auto kSnapshotPause = std::chrono::milliseconds(1);

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

// What a store says that has failed and could not be opened again yet.
Status Closed() {
  return Unavailable("index: cannot be read since a write to it failed; it is tried again");
}

std::string Join(std::string_view prefix, std::string_view rest) {
  std::string key;
  key.reserve(prefix.size() + rest.size());
  return key.append(prefix).append(rest);
}

rocksdb::Env& EnvOf(const KvStore::Options& options) {
  return options.env != nullptr ? *options.env : *rocksdb::Env::Default();
}

rocksdb::Options TunedOptions(const KvStore::Options& options) {
  return MakeRocksDbOptions(EnvOf(options), options.cache_bytes, options.write_buffer_bytes);
}

}  // namespace

struct KvBatch::Rep {
  rocksdb::WriteBatch batch;
};

struct KvStore::Rep {
  // Null if the store could not be opened again.
  std::shared_ptr<rocksdb::DB> Get() {
    MutexLock lock(mutex);
    while (reopening) changed.Wait(mutex);
    return db;
  }
  // Waits for snapshots, and closes. False if there still are some.
  bool BeginReopening();
  void EndReopening(rocksdb::DB* opened);
  // False if there still are some, which keep RocksDB from dropping what they see.
  bool AwaitSnapshotsOfBefore(rocksdb::DB& opened);

  Options options;
  Mutex mutex;
  CondVar changed;
  // Each snapshot shares it.
  std::shared_ptr<rocksdb::DB> db SKALD_GUARDED_BY(mutex);
  bool reopening SKALD_GUARDED_BY(mutex) = false;
  std::atomic<bool> failed = false;
};

bool KvStore::Rep::BeginReopening() {
  for (int pause = 0; pause < kSnapshotPauses; ++pause) {
    std::shared_ptr<rocksdb::DB> closed;  // When the mutex is free again.
    MutexLock lock(mutex);
    if (db.use_count() <= 1) {
      reopening = true;
      closed = std::move(db);
      return true;
    }
    changed.WaitFor(mutex, kSnapshotPause);
  }
  return false;
}

bool KvStore::Rep::AwaitSnapshotsOfBefore(rocksdb::DB& opened) {
  const rocksdb::SequenceNumber now = opened.GetLatestSequenceNumber();
  for (int pause = 0; pause < kSnapshotPauses; ++pause) {
    uint64_t oldest = 0;  // And if there is none.
    opened.GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest);
    if (oldest == 0 || oldest >= now) return true;
    MutexLock lock(mutex);
    changed.WaitFor(mutex, kSnapshotPause);
  }
  return false;
}

void KvStore::Rep::EndReopening(rocksdb::DB* opened) {
  MutexLock lock(mutex);
  db.reset(opened);
  reopening = false;
  changed.NotifyAll();
}

struct KvSnapshot::Rep {
  ~Rep() {
    if (db != nullptr) db->ReleaseSnapshot(snapshot);
  }

  rocksdb::ReadOptions ReadOptions() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    return options;
  }

  std::shared_ptr<rocksdb::DB> db;  // Null: nothing can be read.
  const rocksdb::Snapshot* snapshot = nullptr;
  StepCheck steps;
};

struct KvCursor::Rep {
  bool MayStep() {
    if (own_steps++ % kStepsAtOnce == 0 && cancelled.ok()) {
      cancelled = steps->Check(own_steps == 1 ? 1 : kStepsAtOnce);
    }
    return cancelled.ok();
  }

  StepCheck* steps = nullptr;  // The snapshot's.
  uint64_t own_steps = 0;
  Status cancelled;
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
  return rep_->iterator != nullptr && rep_->cancelled.ok() && rep_->iterator->Valid() &&
         (!rep_->upper_bound.empty() || ToView(rep_->iterator->key()).starts_with(rep_->prefix));
}
void KvCursor::Next() {
  if (rep_->MayStep()) rep_->iterator->Next();
}
void KvCursor::Seek(std::string_view key) {
  if (rep_->iterator == nullptr || !rep_->MayStep()) return;
  std::string target = rep_->prefix;
  target.append(key);
  rep_->iterator->Seek(target);
}
std::string_view KvCursor::key() const {
  return ToView(rep_->iterator->key()).substr(rep_->prefix.size());
}
std::string_view KvCursor::value() const { return ToView(rep_->iterator->value()); }
Status KvCursor::status() const {
  if (rep_->iterator == nullptr) return Closed();
  return rep_->cancelled.ok() ? ToStatus(rep_->iterator->status()) : rep_->cancelled;
}

KvSnapshot::KvSnapshot(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
KvSnapshot::~KvSnapshot() = default;
KvSnapshot::KvSnapshot(KvSnapshot&&) noexcept = default;

Result<std::optional<std::string>> KvSnapshot::Get(std::string_view key) const {
  if (rep_->db == nullptr) return Closed();
  SKALD_RETURN_IF_ERROR(rep_->steps.Check());
  std::string value;
  const rocksdb::Status status = rep_->db->Get(rep_->ReadOptions(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ToStatus(status);
  return std::optional<std::string>(std::move(value));
}

KvCursor KvSnapshot::Scan(std::string_view prefix) const { return Scan(prefix, {}, {}); }

KvCursor KvSnapshot::Scan(std::string_view prefix, std::string_view from,
                          std::string_view to) const {
  auto cursor = std::make_unique<KvCursor::Rep>();
  if (rep_->db == nullptr) return KvCursor(std::move(cursor));
  cursor->steps = &rep_->steps;
  cursor->prefix = prefix;
  cursor->upper_bound = to.empty() ? PastPrefix(prefix) : Join(prefix, to);
  rocksdb::ReadOptions options = rep_->ReadOptions();
  if (!cursor->upper_bound.empty()) {
    cursor->upper_bound_slice = cursor->upper_bound;
    options.iterate_upper_bound = &cursor->upper_bound_slice;
  }
  cursor->iterator.reset(rep_->db->NewIterator(options));
  if (cursor->MayStep()) cursor->iterator->Seek(Join(prefix, from));
  return KvCursor(std::move(cursor));
}

Result<std::vector<std::string>> KvSnapshot::Cuts(std::string_view prefix, uint64_t bytes,
                                                  size_t most) const {
  const std::string end = PastPrefix(prefix);
  if (rep_->db == nullptr || end.empty()) return std::vector<std::string>();
  const auto before = [&](const std::string& key) {
    const rocksdb::Range range(ToSlice(prefix), key);
    uint64_t size = 0;
    return rep_->db->GetApproximateSizes(&range, 1, &size).ok() ? size : 0;
  };
  const uint64_t all = before(end);
  if (all < 2 * bytes) return std::vector<std::string>();
  const KvCursor walk = Scan(prefix);
  if (!walk.Valid()) return std::vector<std::string>();
  const std::string first(walk.key());
  walk.rep_->iterator->SeekToLast();
  if (!walk.Valid()) return std::vector<std::string>();
  return KeySpan(first, walk.key())
      .Cuts(all, std::max(bytes, all / (most + 1) + 1),
            [&](const std::string& key) -> Result<uint64_t> {
              SKALD_RETURN_IF_ERROR(rep_->steps.CheckNow());
              return before(Join(prefix, key));
            });
}

KvStore::KvStore(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
KvStore::~KvStore() = default;

Result<std::unique_ptr<KvStore>> KvStore::Open(const Options& options) {
  SKALD_RETURN_IF_ERROR(MakeStoreFolder(EnvOf(options), options.folder));
  SKALD_RETURN_IF_ERROR(CheckStoreFolder(EnvOf(options), options.folder));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(TunedOptions(options), options.folder, &db);
  // A file that another one names is not there.
  if (status.IsPathNotFound()) return DataLoss("index: " + status.ToString());
  if (!status.ok()) return ToStatus(status);
  auto rep = std::make_unique<Rep>();
  rep->options = options;
  rep->EndReopening(db);
  return std::unique_ptr<KvStore>(new KvStore(std::move(rep)));
}

Result<std::unique_ptr<KvStore>> KvStore::OpenReadOnly(const Options& options) {
  if (EnvOf(options).FileExists(options.folder + "/CURRENT").IsNotFound()) {
    return NotFound("index: there is none in " + options.folder);
  }
  rocksdb::Options tuned = TunedOptions(options);
  tuned.create_if_missing = false;
  tuned.info_log = MakeSilentLogger();
  // A writer removes files while they are looked for: then the next attempt finds newer ones.
  constexpr int kAttempts = 5;
  rocksdb::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    rocksdb::DB* db = nullptr;
    status = rocksdb::DB::OpenForReadOnly(tuned, options.folder, &db);
    if (!status.ok()) continue;
    auto rep = std::make_unique<Rep>();
    rep->EndReopening(db);
    return std::unique_ptr<KvStore>(new KvStore(std::move(rep)));
  }
  return ToStatus(status);
}

Status KvStore::SetAside(const Options& options) {
  return SetStoreFolderAside(EnvOf(options), options.folder);
}

void KvStore::MarkDamaged() const {
  const Status status = MarkStoreDamaged(EnvOf(rep_->options), rep_->options.folder);
  if (!status.ok()) LogError("the index cannot be marked as damaged", {{"err", status}});
}

Status KvStore::Write(KvBatch& batch) {
  const auto db = rep_->Get();
  if (db == nullptr || failed()) return Closed();
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = db->Write(options, &batch.rep_->batch);
  if (!status.ok()) rep_->failed = true;
  return ToStatus(status);
}

bool KvStore::failed() const { return rep_->failed; }

Status KvStore::Recover() {
  if (!failed()) return {};
  // As long as the disk can't be written to, what there is can at least be read.
  rocksdb::Env& env = EnvOf(rep_->options);
  const std::string probe = rep_->options.folder + "/probe.tmp";
  const std::string room(kProbeBytes, 'p');
  rocksdb::Status status = rocksdb::WriteStringToFile(&env, room, probe, /*should_sync=*/true);
  (void)env.DeleteFile(probe);
  if (!status.ok()) return ToStatus(status);
  if (!rep_->BeginReopening()) return Unavailable("index: lookups do not end");
  rocksdb::DB* db = nullptr;
  status = rocksdb::DB::Open(TunedOptions(rep_->options), rep_->options.folder, &db);
  rep_->EndReopening(db);
  rep_->failed = !status.ok();
  return ToStatus(status);
}

Status KvStore::Purge(const std::vector<std::string>& prefixes, KvBatch& done,
                      const CancelToken& cancel) {
  const auto db = rep_->Get();
  if (db == nullptr || failed()) return Closed();
  if (!rep_->AwaitSnapshotsOfBefore(*db)) return Unavailable("index: lookups do not end");
  std::vector<KeyRange> ranges;
  for (const std::string& prefix : prefixes) {
    ranges.push_back({.begin = prefix, .end = PastPrefix(prefix)});
  }
  SKALD_RETURN_IF_ERROR(ToStatus(PurgeRanges(*db, ranges, cancel)));
  SKALD_RETURN_IF_ERROR(cancel.Check());
  SKALD_RETURN_IF_ERROR(Write(done));
  // A table more, and with it a new manifest.
  return ToStatus(db->Flush(rocksdb::FlushOptions()));
}

Status KvStore::Checkpoint(const std::string& folder) const {
  const auto db = rep_->Get();
  if (db == nullptr) return Closed();
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
  return ToStatus(status);
}

Status KvStore::CheckTables(const std::function<void(const std::string&)>& on_fault) const {
  const auto db = rep_->Get();
  if (db == nullptr) return Closed();
  chunkstore::CheckTables(*db, on_fault);
  return {};
}

KvSnapshot KvStore::Snapshot() const {
  auto snapshot = std::make_unique<KvSnapshot::Rep>();
  snapshot->db = rep_->Get();
  if (snapshot->db != nullptr) snapshot->snapshot = snapshot->db->GetSnapshot();
  return KvSnapshot(std::move(snapshot));
}

KvSnapshot KvStore::Snapshot(const CancelToken& cancel) const {
  KvSnapshot snapshot = Snapshot();
  snapshot.rep_->steps.cancel = cancel;
  return snapshot;
}

}  // namespace skald::chunkstore

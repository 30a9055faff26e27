#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/executor.h"
#include "common/status.h"

namespace rocksdb {
class Env;
}

namespace skald::chunkstore {

// Changes that take effect together or not at all.
//
// Threads: not synchronised.
class KvBatch {
 public:
  KvBatch();
  ~KvBatch();
  KvBatch(const KvBatch&) = delete;
  KvBatch& operator=(const KvBatch&) = delete;

  void Put(std::string_view key, std::string_view value);
  // Adds `bytes` to the end of the value, which need not exist. No read is needed for it.
  void Append(std::string_view key, std::string_view bytes);
  void Delete(std::string_view key);
  // Deletes all keys that begin with `prefix`, which is not empty and has a byte below 0xff.
  void DeletePrefix(std::string_view prefix);

 private:
  friend class KvStore;
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

// Walks the keys that begin with a prefix, in order.
//
// Order:   while (Valid()) { key(), value(); Next() or Seek() }; then status() tells whether the
//          walk ended for want of keys or for an error.
// Threads: one caller at a time.
class KvCursor {
 public:
  ~KvCursor();
  KvCursor(KvCursor&&) noexcept;

  bool Valid() const;
  void Next();
  // To the first key of the prefix that is not less than `key`.
  void Seek(std::string_view key);
  // Without the prefix. Views live until the cursor moves.
  std::string_view key() const;
  std::string_view value() const;
  // kDataLoss for damage, kUnavailable for other failures to read; kCancelled, kDeadlineExceeded of
  // the snapshot's token, which end the walk.
  Status status() const;

 private:
  friend class KvSnapshot;
  struct Rep;
  explicit KvCursor(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

// The state of a store at one moment: reads of it fit together.
//
// Ownership: the store must outlive it; it must outlive its cursors.
// Threads:   any thread may call.
class KvSnapshot {
 public:
  ~KvSnapshot();
  KvSnapshot(KvSnapshot&&) noexcept;

  // Nothing when there is no such key. kDataLoss, kUnavailable as KvCursor::status().
  Result<std::optional<std::string>> Get(std::string_view key) const;
  KvCursor Scan(std::string_view prefix) const;
  // Of these the keys from prefix + `from` on, up to but without prefix + `to`; an empty `to` is
  // behind all of them.
  KvCursor Scan(std::string_view prefix, std::string_view from, std::string_view to) const;
  // Ends of keys, ascending, between which lie about `bytes` of the prefix's as stored: for cursors
  // that walk at once. Not more than `most`, and none where there is not twice as much, or it is in
  // memory. The error of the snapshot's token soon after it is cancelled.
  Result<std::vector<std::string>> Cuts(std::string_view prefix, uint64_t bytes, size_t most) const;

 private:
  friend class KvStore;
  struct Rep;
  explicit KvSnapshot(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

// A RocksDB in a folder, tuned to be small: what the label index needs of it and no more.
//
// Threads: any thread may call.
// Cost:    write blocks until the disk has the batch. Memory: cache and two write buffers.
class KvStore {
 public:
  struct Options {
    std::string folder;
    size_t cache_bytes = 32 << 20;        // Of blocks, indexes and filters.
    size_t write_buffer_bytes = 8 << 20;  // Of each of two.
    // Borrowed: the files that RocksDB works on. Null: those of the system.
    rocksdb::Env* env = nullptr;
  };

  // Makes the folder if needed. kDataLoss when what is there is damaged, or was found to be.
  static Result<std::unique_ptr<KvStore>> Open(const Options& options);
  // What is there now, without changing anything, also while another process writes to it. Write
  // and Checkpoint fail. kNotFound when there is no store.
  static Result<std::unique_ptr<KvStore>> OpenReadOnly(const Options& options);
  // Renames the folder of a damaged store that is not open, to make room for a new one; what was
  // set aside before is removed.
  static Status SetAside(const Options& options);
  ~KvStore();
  KvStore(const KvStore&) = delete;
  KvStore& operator=(const KvStore&) = delete;

  // Has the next Open say kDataLoss: for damage that shows only when it is read.
  void MarkDamaged() const;

  // OK once the batch is on stable storage. kResourceExhausted when the disk is full. After an
  // error the batch may be there all the same, and nothing more can be written before Recover.
  Status Write(KvBatch& batch);
  // Whether a Write has failed since the store was opened or has recovered.
  bool failed() const;
  // Opens the store anew after a failed Write, once the disk can be written to: RocksDB can't be
  // told to go on after all errors, and takes the process down where it is told in vain. On OK,
  // what can be read is on stable storage. Waits for snapshots to go: kUnavailable if they don't.
  // Requires: the caller has no snapshot; no Write at the same time.
  Status Recover();
  KvSnapshot Snapshot() const;
  // Makes what was deleted of keys that begin with `prefixes` (each as DeletePrefix has it, in
  // order) leave the files of the store, keys included, and then writes `done`, which is not empty:
  // when that is there, nothing else is. Waits for snapshots of before: kUnavailable if they don't
  // go. What an error or `cancel` leaves undone another call does.
  Status Purge(const std::vector<std::string>& prefixes, KvBatch& done, const CancelToken& cancel);
  // One whose reads end with the token's error once it is cancelled, after some thousand more steps
  // of all its cursors and calls of Get at the most.
  KvSnapshot Snapshot(const CancelToken& cancel) const;
  // Makes `folder`, which must not exist, a store of its own with all that is in this one now: by
  // hard links, or copies on another file system. Nothing is left of it after an error.
  Status Checkpoint(const std::string& folder) const;
  // Reads all of its tables and tells which are damaged, as table_check.h has it.
  Status CheckTables(const std::function<void(const std::string&)>& on_fault) const;

 private:
  struct Rep;
  explicit KvStore(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::chunkstore

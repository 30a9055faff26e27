#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/objstore/object_store.h"
#include "chunkstore/pack_names.h"
#include "common/mutex.h"

namespace skald::test {

// An object store in which a compacted pack is not written before it may be. All else goes to
// another store, which is borrowed.
//
// Threads: any thread may call.
class HeldObjectStore final : public chunkstore::ObjectStore {
 public:
  explicit HeldObjectStore(chunkstore::ObjectStore& objects) : objects_(objects) {}

  // Returns once a compacted pack is about to be written; false if there will be none.
  bool WaitForCompactedPack() {
    MutexLock lock(mutex_);
    while (!waiting_ && !finished_) changed_.Wait(mutex_);
    return waiting_;
  }
  // Compaction is over.
  void Finish() {
    MutexLock lock(mutex_);
    finished_ = true;
    changed_.NotifyAll();
  }
  // Those that wait and all to come are written.
  void Release() {
    MutexLock lock(mutex_);
    released_ = true;
    changed_.NotifyAll();
  }

  using ObjectStore::Put;
  Status Put(const std::string& key, std::span<const std::string_view> parts) override {
    if (chunkstore::CompactedDay(key)) {
      MutexLock lock(mutex_);
      waiting_ = true;
      changed_.NotifyAll();
      while (!released_) changed_.Wait(mutex_);
    }
    return objects_.Put(key, parts);
  }
  Result<std::string> Get(const std::string& key) override { return objects_.Get(key); }
  Status GetRange(const std::string& key, uint64_t offset, uint64_t count,
                  std::string& out) override {
    return objects_.GetRange(key, offset, count, out);
  }
  Result<std::vector<chunkstore::ObjectEntry>> List(std::string_view prefix) override {
    return objects_.List(prefix);
  }
  Status Delete(const std::string& key) override { return objects_.Delete(key); }

 private:
  chunkstore::ObjectStore& objects_;
  Mutex mutex_;
  CondVar changed_;
  bool waiting_ SKALD_GUARDED_BY(mutex_) = false;
  bool finished_ SKALD_GUARDED_BY(mutex_) = false;
  bool released_ SKALD_GUARDED_BY(mutex_) = false;
};

}  // namespace skald::test

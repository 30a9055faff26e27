#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/files.h"
#include "common/mutex.h"
#include "support/fault_plan.h"

namespace skald::test {

// A file system in memory that forgets what was not synced when the machine "crashes", runs full,
// and fails on request. Names need SyncDir to survive a crash as contents need Sync; only folders
// are durable at once. What a failed sync should have made durable no later one will: it can be
// read until the crash and is zeros afterwards, as with the dirty pages that Linux drops.
//
// Order:   files opened before Crash or Kill answer kUnavailable afterwards.
// Threads: any thread may call.
class FaultyFileSystem final : public FileSystem {
 public:
  using Op = FaultPlan::Op;
  using Fault = FaultPlan::Fault;

  FaultyFileSystem();
  ~FaultyFileSystem() override;

  // Power failure: contents and names fall back to what was synced last, but of the bytes that a
  // file was given since, the first `torn_bytes` are there.
  void Crash(uint64_t torn_bytes = 0);
  // The process died, the machine did not: everything written stays.
  void Kill();

  // As FaultPlan has them.
  void Inject(Fault fault);
  void FailFromCall(int calls);
  bool failing() const;
  void ClearFaults();
  int calls(Op op) const;
  // The bytes that may be stored in all; unlimited at first.
  void SetCapacity(uint64_t bytes);
  // All files, by path; and a file at rest, durably, which may be new.
  std::map<std::string, std::string> Contents() const;
  void Put(const std::string& path, std::string bytes);
  // Changes a byte of a file at rest, durably.
  void FlipByte(const std::string& path, uint64_t offset, uint8_t mask);

  Result<std::unique_ptr<AppendFile>> Create(const std::string& path) override;
  Result<std::unique_ptr<RandomReadFile>> OpenForRead(const std::string& path) override;
  Result<std::string> ReadAll(const std::string& path) override;
  Result<FileState> Stat(const std::string& path) override;
  Status MakeDirs(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;
  Status Remove(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Link(const std::string& from, const std::string& to) override;
  Status SyncDir(const std::string& path) override;
  Result<bool> Exists(const std::string& path) override;
  Result<Space> DiskSpace(const std::string& path) override;

 private:
  class FaultyAppendFile;
  class FaultyReadFile;

  struct Inode {
    std::string bytes;
    std::string synced_bytes;
    std::vector<std::pair<size_t, size_t>> dropped;  // Begin and end of what a sync has failed for.
    uint64_t version = 0;                            // Of all files; another one after each change.

    void Sync();
    void Truncate(size_t size);
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  Status Enter(Op op, const std::string& path, size_t* short_bytes = nullptr)
      SKALD_REQUIRES(mutex_) {
    return plan_.Enter(op, path, short_bytes);
  }
  Status CheckAlive(uint64_t generation, const std::string& path) const SKALD_REQUIRES(mutex_);
  Status AppendTo(Inode& inode, const std::string& path, std::string_view bytes)
      SKALD_REQUIRES(mutex_);
  uint64_t FreeBytes() const SKALD_REQUIRES(mutex_);
  bool HasFolder(const std::string& path) const SKALD_REQUIRES(mutex_);
  // Durably, as folders are.
  Status RenameFolder(const std::string& from, const std::string& to) SKALD_REQUIRES(mutex_);

  mutable Mutex mutex_;
  Names names_ SKALD_GUARDED_BY(mutex_);
  Names synced_names_ SKALD_GUARDED_BY(mutex_);
  std::set<std::string> folders_ SKALD_GUARDED_BY(mutex_);
  FaultPlan plan_ SKALD_GUARDED_BY(mutex_);
  uint64_t capacity_ SKALD_GUARDED_BY(mutex_) = std::numeric_limits<int64_t>::max();
  uint64_t generation_ SKALD_GUARDED_BY(mutex_) = 0;  // Counts crashes and kills.
  uint64_t last_version_ SKALD_GUARDED_BY(mutex_) = 0;
};

}  // namespace skald::test

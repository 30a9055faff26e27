#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/chunk_store.h"
#include "chunkstore/compact/compactor.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/compact/retention.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "common/executor.h"
#include "common/limits.h"
#include "common/status.h"
#include "faults/rocksdb_files.h"
#include "ingester/ingester.h"
#include "ingester/store_sink.h"
#include "support/manual_clock.h"

namespace skald::test {

// All of the server that writes to the disk, on one file system: log, packs, index, and the
// compactor. Nothing runs by itself but the compression of full blocks. The store is cut small, so
// that a few lines make segments, blocks and packs.
//
// Order:     Open, then anything, then Close, and so on. Die takes the place of Close when the
//            file system fails or forgets: nothing is written any more.
// Ownership: borrows the file system.
// Threads:   one caller.
class WholeStore {
 public:
  // A line is its stream's number and its own.
  using Line = std::pair<int, int64_t>;

  static constexpr int kStreams = 2;

  explicit WholeStore(FileSystem& files);
  ~WholeStore();
  WholeStore(const WholeStore&) = delete;
  WholeStore& operator=(const WholeStore&) = delete;

  Status Open();
  bool is_open() const { return ingester_ != nullptr; }
  // As a server that is told to stop.
  void Close();
  // Lets go of what a crash has left.
  void Die();

  // One push with a line of this number in each stream.
  Status Push(int64_t number);
  Status Flush() { return ingester_->Flush(); }
  Status Compact() { return compactor_->RunRound(); }

  // What a query over all time sees.
  struct Answer {
    std::multiset<Line> lines;         // Those in memory and store once.
    std::vector<std::string> strange;  // Lines that are no line of ours.
    std::vector<std::string> warnings;
  };
  Result<Answer> Read();

 private:
  Status AddLines(model::StreamScans scans, Answer& answer, std::multiset<Line>& lines);

  FileSystem& files_;
  const std::unique_ptr<rocksdb::Env> env_;
  ManualClock clock_;
  const StaticLimits limits_;
  const chunkstore::Retention retention_{{}, limits_};
  Executor background_{"background", 1};
  std::unique_ptr<chunkstore::FsObjectStore> objects_;
  std::unique_ptr<chunkstore::ChunkStore> store_;
  std::unique_ptr<ingester::StoreSink> sink_;
  std::unique_ptr<ingester::Ingester> ingester_;
  std::unique_ptr<chunkstore::PackRemover> remover_;
  std::unique_ptr<chunkstore::Compactor> compactor_;
};

}  // namespace skald::test

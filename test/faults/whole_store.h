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
#include "faults/store_lines.h"
#include "ingester/ingester.h"
#include "ingester/store_sink.h"
#include "support/manual_clock.h"

namespace skald::test {

// All of the server that writes to the disk, on one file system: log, packs, index, and the
// compactor. Nothing runs by itself but the compression of full blocks.
//
// Order:     Open, then anything, then Close, and so on. Die takes the place of Close when the
//            file system fails or forgets: nothing is written any more.
// Ownership: borrows the file system.
// Threads:   one caller.
class WholeStore {
 public:
  using Line = StoreLine;

  static constexpr int kStreams = 2;

  explicit WholeStore(FileSystem& files, const StoreShape& shape = kSmallStore);
  ~WholeStore();
  WholeStore(const WholeStore&) = delete;
  WholeStore& operator=(const WholeStore&) = delete;

  Status Open();
  bool is_open() const { return ingester_ != nullptr; }
  // As a server that is told to stop.
  void Close();
  // Lets go of what a crash has left.
  void Die();

  // One push with the shape's lines from this number on in each stream. Of a rich store every
  // other one is as its client has packed it.
  Status Push(int64_t first);
  Status Flush() { return ingester_->Flush(); }
  Status Compact() { return compactor_->RunRound(); }

  // What the entries that are asked for hold. None: all are.
  struct Search {
    std::vector<model::RequiredLiteral> literals;
    std::vector<model::RequiredLabel> labels;
  };
  // What a query over all time sees; by a search what a store has not ruled out.
  struct Answer {
    std::multiset<Line> lines;         // Those in memory and store once.
    std::vector<std::string> strange;  // Lines that are no line of ours.
    std::vector<std::string> warnings;
  };
  Result<Answer> Read(const Search& search = {});

  // What a query sees that counts all lines, and reads no text but to tell lines apart.
  struct Count {
    size_t lines = 0;
    std::vector<std::string> warnings;
  };
  Result<Count> CountLines();

 private:
  Status AddLines(model::StreamScans scans, Answer& answer, std::multiset<Line>& lines);

  FileSystem& files_;
  const StoreShape shape_;
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

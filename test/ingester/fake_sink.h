#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "common/mutex.h"
#include "ingester/chunk_sink.h"
#include "push_batches.h"

namespace skald::ingester {

// A store that keeps entries in memory. Outlives the ingesters that use it, as a disk would.
//
// Threads: any thread may call.
class FakeSink final : public ChunkSink {
 public:
  Status Store(std::vector<StreamFlush> streams) override {
    if (before_store) SKALD_RETURN_IF_ERROR(before_store());
    {
      MutexLock lock(mutex_);
      ++stores_;
      for (const StreamFlush& flush : streams) Keep(flush);
    }
    return after_store ? after_store() : Status();
  }

  Result<uint64_t> FlushedSeq(const std::string& tenant, model::Fingerprint fingerprint) override {
    MutexLock lock(mutex_);
    return flushed_[{tenant, fingerprint}];
  }

  Result<uint64_t> HighestSeq() override {
    MutexLock lock(mutex_);
    uint64_t highest = 0;
    for (const auto& [stream, seq] : flushed_) highest = std::max(highest, seq);
    return highest;
  }

  // Entries by stream, each list sorted.
  std::map<std::string, std::vector<TestEntry>> Entries() const {
    MutexLock lock(mutex_);
    auto out = entries_;
    for (auto& [labels, entries] : out) std::ranges::sort(entries);
    return out;
  }
  int stores() const {
    MutexLock lock(mutex_);
    return stores_;
  }
  size_t chunks() const {
    MutexLock lock(mutex_);
    return chunks_;
  }

  // An error of the first stores nothing; one of the second comes after all is stored.
  std::function<Status()> before_store;
  std::function<Status()> after_store;

 private:
  void Keep(const StreamFlush& flush) SKALD_REQUIRES(mutex_) {
    uint64_t& flushed = flushed_[{flush.tenant, flush.fingerprint}];
    flushed = std::max(flushed, flush.last_seq);
    std::vector<TestEntry>& out = entries_[flush.labels->ToString()];
    for (const chunkstore::FinishedChunk& chunk : flush.chunks) {
      ++chunks_;
      const std::string bytes = chunk.Bytes();
      auto reader = chunkstore::ChunkReader::Make(bytes);
      if (!reader.ok()) std::abort();
      for (size_t i = 0; i < reader->blocks().size(); ++i) {
        auto block = reader->ReadBlock(i, model::ColumnSet());
        if (!block.ok()) std::abort();
        for (size_t row = 0; row < block->size(); ++row) out.push_back(EntryOf(*block, row));
      }
    }
  }

  static TestEntry EntryOf(const model::EntryBlock& block, size_t row) {
    TestEntry entry{block.times[row], std::string(block.lines[row]), {}};
    for (const model::MetadataColumn& column : block.metadata) {
      if (column.Has(row)) entry.metadata.emplace_back(column.name, column[row]);
    }
    return entry;
  }

  mutable Mutex mutex_;
  std::map<std::pair<std::string, model::Fingerprint>, uint64_t> flushed_ SKALD_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<TestEntry>> entries_ SKALD_GUARDED_BY(mutex_);
  int stores_ SKALD_GUARDED_BY(mutex_) = 0;
  size_t chunks_ SKALD_GUARDED_BY(mutex_) = 0;
};

}  // namespace skald::ingester

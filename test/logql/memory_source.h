#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "logql/log_source.h"
#include "model/entry_block.h"
#include "model/labels.h"

namespace skald::test {

// Streams held in memory, as a source for the engine. Blocks are small, so that a few entries make
// several batches.
//
// Order:   Add* Select*
// Threads: as LogSource, once all is added.
class MemorySource final : public logql::LogSource {
 public:
  explicit MemorySource(size_t block_rows = 7) : block_rows_(block_rows) {}

  // Adds an entry to the stream of `labels`, in any order of time.
  void Add(const model::Labels& labels, int64_t time_ns, std::string_view line,
           std::span<const model::MetadataPair> metadata = {});

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;

 private:
  struct Entry {
    int64_t time_ns = 0;
    uint64_t seq = 0;
    std::string line;
    model::Labels metadata;
  };
  struct Stream {
    std::shared_ptr<const model::Labels> labels;
    std::vector<Entry> entries;
  };

  std::vector<std::shared_ptr<const model::EntryBlock>> Blocks(
      const Stream& stream, const model::ScanRequest& request) const;

  const size_t block_rows_;
  std::vector<Stream> streams_;
};

}  // namespace skald::test

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/index/index_keys.h"
#include "chunkstore/objstore/object_store.h"
#include "common/clock.h"
#include "common/lru_cache.h"
#include "common/status.h"
#include "model/batch_source.h"
#include "model/entry_block.h"

namespace skald::chunkstore {

// The line filters of a chunk's blocks, checked.
//
// Threads: immutable.
struct ChunkFilters {
  std::string bytes;
  std::vector<std::string_view> by_block;  // Views of `bytes`; empty where there is no filter.
};

// Reads parts of chunks out of packs, checks and decodes them, and keeps what was used last.
//
// Ownership: borrows object store and clock.
// Threads:   any thread may call. Two that miss the same thing at once both read it.
// Cost:      calls block on the object store; reads only the ranges that are needed. Memory: the
//            caches, and what is being decoded.
class ChunkFetcher {
 public:
  struct Options {
    size_t block_cache_bytes = 64 << 20;  // Decoded blocks.
    size_t head_cache_bytes = 32 << 20;   // Block tables and filters.
  };

  ChunkFetcher(ObjectStore& objects, const Clock& clock, const Options& options);
  ChunkFetcher(const ChunkFetcher&) = delete;
  ChunkFetcher& operator=(const ChunkFetcher&) = delete;

  // What it costs is added to `stats`. Errors name pack, chunk, and what of it could not be read:
  // kDataLoss for damage, else as ObjectStore::GetRange.
  Result<std::shared_ptr<const ChunkHeader>> Head(const ChunkRef& chunk, model::ScanStats& stats);
  Result<std::shared_ptr<const ChunkFilters>> Filters(const ChunkRef& chunk,
                                                      const ChunkHeader& header,
                                                      model::ScanStats& stats);
  Result<std::shared_ptr<const model::EntryBlock>> Block(const ChunkRef& chunk,
                                                         const ChunkHeader& header, size_t index,
                                                         const model::ColumnSet& columns,
                                                         model::ScanStats& stats);

 private:
  Status Read(const ChunkRef& chunk, uint64_t offset, uint64_t count, std::string& out,
              model::ScanStats& stats);
  Result<model::EntryBlock> ReadBlock(const ChunkRef& chunk, const BlockHeader& block,
                                      const model::ColumnSet& columns, model::ScanStats& stats);

  ObjectStore& objects_;
  const Clock& clock_;
  LruCache<ChunkHeader> heads_;
  LruCache<ChunkFilters> filters_;
  LruCache<model::EntryBlock> blocks_;
};

}  // namespace skald::chunkstore

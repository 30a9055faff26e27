#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/cache_admission.h"
#include "chunkstore/cache_metrics.h"
#include "chunkstore/format/block_decoder.h"
#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/pack_filter.h"
#include "chunkstore/index/index_keys.h"
#include "chunkstore/objstore/object_store.h"
#include "common/clock.h"
#include "common/lru_cache.h"
#include "common/memory_budget.h"
#include "common/recycler.h"
#include "common/status.h"
#include "model/batch_source.h"
#include "model/entry_block.h"

namespace skald::chunkstore {

// Filters of a chunk's blocks, checked.
//
// Threads: immutable.
struct ChunkFilters {
  std::vector<std::string> stored;     // Of these the first are in use.
  std::vector<BlockFilters> by_block;  // Views of `stored`.

  size_t MemoryBytes() const;
};

// The filter of a pack, checked, but for the regions of its ids, which are read when asked for.
//
// Threads: immutable.
struct StoredPackFilter {
  bool exists = false;
  PackFilter filter;
  uint64_t regions_offset = 0;  // From the start of the pack.
};

// What one scan may put into the caches of blocks, and of filters.
struct CacheAllowances {
  CacheAllowance blocks;
  CacheAllowance filters;
};

// A reader of chunks: where its costs are added up, and what it may put into the caches.
struct ChunkReads {
  model::ScanStats& stats;
  CacheAllowances* allowances = nullptr;  // Null: the caches are neither asked nor filled.
};

// Which block of a chunk, and what of it.
struct BlockChoice {
  size_t index = 0;
  const model::ColumnSet& columns;
  RowSearch* search = nullptr;  // May be null; a block out of the cache tells nothing of its rows.
  // What was read of the block before, without lines: it is neither read nor counted again. May be
  // null.
  const model::EntryBlock* known = nullptr;
  // What is looked at of lines, as BlockToDecode has it; a block out of the cache has lines.
  const model::LineExcerpt* excerpt = nullptr;
};

// Reads parts of chunks out of packs, checks and decodes them, and keeps what was used last: heads
// at once, filters and blocks when they are asked for a second time, blocks unless it is for a few
// of their lines, or for excerpts. Others are read and decoded into memory that one before them has
// left.
//
// Ownership: borrows object store, clock and the budget.
// Threads:   any thread may call. Two that miss the same thing at once both read it.
// Cost:      calls block on the object store; reads only the ranges that are needed. Memory: the
//            caches, what is being decoded, and at most 72 MB kept for decoding.
class ChunkFetcher {
 public:
  struct Options {
    size_t block_cache_bytes = 64 << 20;  // Decoded blocks.
    size_t head_cache_bytes = 32 << 20;   // Block tables, and filters of blocks and packs.
    MemoryBudget* memory = nullptr;       // Both are taken of it, if there is one.
  };

  ChunkFetcher(ObjectStore& objects, const Clock& clock, const Options& options);
  ChunkFetcher(const ChunkFetcher&) = delete;
  ChunkFetcher& operator=(const ChunkFetcher&) = delete;

  CacheAllowances AllowancesOfScan() const;

  // Drops about `bytes` of what is cached, blocks before heads and filters; returns how much.
  uint64_t ShrinkCaches(uint64_t bytes);

  // Errors name pack, chunk, and what of it could not be read: kDataLoss for damage, else as
  // ObjectStore::GetRange.
  Result<std::shared_ptr<const ChunkHeader>> Head(const ChunkRef& chunk, const ChunkReads& reads);
  Result<std::shared_ptr<const ChunkFilters>> Filters(const ChunkRef& chunk,
                                                      const ChunkHeader& header,
                                                      const FilterChoice& choice,
                                                      const ChunkReads& reads);
  // The filter of a pack; null if it has none.
  Result<std::shared_ptr<const StoredPackFilter>> PackFilterOf(const std::string& pack,
                                                               const ChunkReads& reads);
  // Which groups of the pack's streams may have the key of an id. Requires: its filter tells.
  Result<StreamGroups> GroupsWithId(const std::string& pack, const StoredPackFilter& stored,
                                    uint32_t key, const ChunkReads& reads);
  Result<std::shared_ptr<const model::EntryBlock>> Block(const ChunkRef& chunk,
                                                         const ChunkHeader& header,
                                                         const BlockChoice& choice,
                                                         const ChunkReads& reads);

 private:
  // Bytes as they are stored, and columns on their way out of them.
  struct ReadBuffers {
    std::vector<std::string> stored;
    DecodeBuffers decode;

    size_t MemoryBytes() const;
  };

  Status Read(const ChunkRef& chunk, uint64_t offset, uint64_t count, std::string& out,
              model::ScanStats& stats);
  // Errors name the pack only where the object store does.
  Status ReadPack(const std::string& pack, uint64_t offset, uint64_t count, std::string& out,
                  model::ScanStats& stats);
  Result<std::shared_ptr<const StoredPackFilter>> ReadPackFilter(const std::string& pack,
                                                                 const ChunkReads& reads);
  // Reads parts of what begins there in the chunk, into buffers that are borrowed.
  Result<std::vector<StoredPart>> ReadParts(const ChunkRef& chunk, uint64_t begin,
                                            const std::vector<Extent>& extents,
                                            std::vector<std::string>& buffers,
                                            model::ScanStats& stats);
  Status ReadBlock(const ChunkRef& chunk, const BlockHeader& header, const BlockChoice& choice,
                   model::ScanStats& stats, model::EntryBlock& block);

  const Options options_;
  ObjectStore& objects_;
  const Clock& clock_;
  LruCache<ChunkHeader> heads_;
  LruCache<ChunkFilters> filters_;
  LruCache<StoredPackFilter> pack_filters_;
  LruCache<std::string> pack_regions_;
  LruCache<model::EntryBlock> blocks_;
  const CacheMetrics block_metrics_;
  SecondTouch touched_blocks_;
  SecondTouch touched_filters_;
  Recycler<model::EntryBlock> spare_blocks_;
  Recycler<ReadBuffers> spare_buffers_;
  Recycler<ChunkFilters> spare_filters_;
};

}  // namespace skald::chunkstore

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/block_decoder.h"
#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/line_filter.h"
#include "common/status.h"
#include "model/entry_block.h"

namespace skald::chunkstore {

// The bytes of a filter, out of the filters of its block. kDataLoss if they are damaged; empty
// when the block has no such filter.
Result<std::string_view> FindFilter(const BlockHeader& block, FilterKind kind,
                                    std::string_view filters);

// The same of the filter of its lines, of whichever kind.
Result<LineFilter> FindLineFilter(const BlockHeader& block, std::string_view filters);

// All filters of a block; each is empty where it has none.
struct BlockFilters {
  LineFilter lines;
  std::string_view metadata_values;
};

// As FindFilter has them.
Result<BlockFilters> FindFilters(const BlockHeader& block, std::string_view filters);

// Reads a chunk that is wholly in memory.
//
// Ownership: borrows the bytes.
// Threads:   immutable; any thread may read.
class ChunkReader {
 public:
  // kDataLoss if the head is damaged or `bytes` are not as long as it says.
  static Result<ChunkReader> Make(std::string_view bytes);

  const std::vector<BlockHeader>& blocks() const { return header_.blocks; }
  // Errors name the block. Requires: index < blocks().size().
  Result<model::EntryBlock> ReadBlock(size_t index, const model::ColumnSet& columns) const;
  Result<std::string_view> ReadFilter(size_t index, FilterKind kind) const;
  Result<LineFilter> ReadLineFilter(size_t index) const;
  // The block as it was before it was put into the chunk, to be put into another; what of it goes
  // into the filter of a pack is not known any more. Checks all that is stored of it, without
  // decoding any.
  Result<SealedBlock> CopyBlock(size_t index) const;

 private:
  ChunkReader(std::string_view bytes, ChunkHeader header)
      : bytes_(bytes), header_(std::move(header)) {}

  std::string_view bytes_;
  ChunkHeader header_;
};

// "block 3", as messages name it.
std::string BlockName(size_t index);

}  // namespace skald::chunkstore

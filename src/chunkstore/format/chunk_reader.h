#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/block_decoder.h"
#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_layout.h"
#include "common/status.h"
#include "model/entry_block.h"

namespace skald::chunkstore {

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
  Result<BlockFilters> ReadFilters(size_t index, const FilterChoice& choice = {}) const;
  // The block as it was before it was put into the chunk, to be put into another; what of it goes
  // into the filter of a pack is not known any more. Checks all that is stored of it, without
  // decoding any.
  Result<SealedBlock> CopyBlock(size_t index) const;

 private:
  std::string_view Filters() const {
    return bytes_.substr(header_.filters_offset, header_.filters_bytes);
  }

  ChunkReader(std::string_view bytes, ChunkHeader header)
      : bytes_(bytes), header_(std::move(header)) {}

  std::string_view bytes_;
  ChunkHeader header_;
};

// "block 3", as messages name it.
std::string BlockName(size_t index);

}  // namespace skald::chunkstore

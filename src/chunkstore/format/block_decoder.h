#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/extents.h"
#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/split_lines.h"
#include "common/status.h"
#include "model/entry_block.h"
#include "model/line_excerpt.h"

namespace skald::chunkstore {

// Whether rows of a column are asked for by `columns`. Times and sequence numbers always are.
bool WantsColumn(const ColumnEntry& column, const model::ColumnSet& columns);

// Whether `known`, some decoded columns of the column's block, has it. Null knows none.
bool KnowsColumn(const model::EntryBlock* known, const ColumnEntry& column);

// What must be read of a block's data for `columns`, but for those that are `known`, as JoinExtents
// has it.
std::vector<Extent> WantedExtents(const BlockHeader& block, const model::ColumnSet& columns,
                                  const model::EntryBlock* known = nullptr);

// The wanted columns of a block. `parts` hold at least WantedExtents. kDataLoss naming the column
// for anything that is not as the header says.
Result<model::EntryBlock> DecodeBlock(const BlockHeader& block, const model::ColumnSet& columns,
                                      std::span<const StoredPart> parts);

// What there is to decode of a block.
struct BlockToDecode {
  const BlockHeader& header;
  const model::ColumnSet& columns;
  std::span<const StoredPart> parts;
  RowSearch* search = nullptr;  // May be null.
  // Of the same block, decoded without lines: what it has is taken over. May be null.
  const model::EntryBlock* known = nullptr;
  // What is looked at of lines, where they are wanted; null: all of them. Where it serves, the
  // block has excerpts of all lines in their place.
  const model::LineExcerpt* excerpt = nullptr;
};

// Memory for columns on their way into a block.
struct DecodeBuffers {
  std::string column;
  std::vector<uint32_t> lengths;
  SplitBuffers split;

  size_t MemoryBytes() const;
};

// As above, into a block and buffers that were used before: where they have room enough nothing is
// allocated. After an error `block` holds no block, nor does it where a search has told that no row
// may hold what is looked for.
Status DecodeBlock(const BlockToDecode& from, DecodeBuffers& buffers, model::EntryBlock& block);

// kUnimplemented, naming it, for a column whose kind is not known here: a reader skips those, but
// who writes the entries anew would drop them.
Status CheckColumnsKnown(const BlockHeader& block);

// The same of a block not yet in a chunk.
Result<model::EntryBlock> DecodeBlock(const SealedBlock& block, const model::ColumnSet& columns,
                                      const model::EntryBlock* known = nullptr);

}  // namespace skald::chunkstore

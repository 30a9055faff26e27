#pragma once

#include <cstdint>
#include <span>

#include "model/entry_block.h"

namespace skald::model {

// A row of a block that someone else keeps alive.
struct RowRef {
  const EntryBlock* block = nullptr;
  uint32_t row = 0;
};

// Copies the rows named into a new block, in the order given. It has the text, or the lengths, of
// the lines only if all blocks have them; metadata codes follow first appearance.
EntryBlock GatherRows(std::span<const RowRef> rows);

}  // namespace skald::model

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/status.h"
#include "model/entry_block.h"
#include "model/labels.h"

namespace skald::model {

// Up to some thousand entries of one stream on their way through a query: shared immutable columns
// and the rows of them that are still wanted. Filters narrow `selection`; nothing copies lines.
//
// Ownership: shares stream labels and block.
// Threads:   not synchronised; one stage at a time.
struct LogBatch {
  std::shared_ptr<const Labels> stream;
  std::shared_ptr<const EntryBlock> block;
  std::vector<uint32_t> selection;  // Ascending rows of *block, whatever the direction.
  // Reads the same rows with all their columns. Empty where `block` has them, or they are nowhere.
  // Null when they cannot be read: who reads has told of it, and they are missing from the answer.
  std::function<Result<std::shared_ptr<const EntryBlock>>()> read_whole = {};
};

}  // namespace skald::model

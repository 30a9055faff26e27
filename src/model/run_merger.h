#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "common/hash.h"
#include "common/status.h"
#include "model/entry_block.h"
#include "model/row_gather.h"

// How rows of several inputs that share a time become one: what MergedSource is made of.

namespace skald::model {

inline bool IsComplete(const EntryBlock& block) {
  return block.has_lines && block.has_all_metadata;
}

// A block of which rows are merged.
struct SourceBlock {
  std::shared_ptr<const EntryBlock> block;
  std::function<Result<std::shared_ptr<const EntryBlock>>()> read_whole;
  std::shared_ptr<const EntryBlock> whole = {};  // With all columns, once it was read.
  bool unreadable = false;                       // It could not be; whoever reads has told of it.

  bool can_be_whole() const { return IsComplete(*block) || read_whole; }
  // Sets `whole`, to `block` if there is no more of it, or `unreadable`.
  Status ReadWhole() {
    if (whole != nullptr || unreadable) return {};
    if (IsComplete(*block) || !read_whole) {
      whole = block;
      return {};
    }
    SKALD_ASSIGN_OR_RETURN(whole, read_whole());
    unreadable = whole == nullptr;
    return {};
  }
};

// A row on its way into a merged batch, and the input that it came from.
struct SourcedRow {
  SourceBlock* source = nullptr;
  uint32_t row = 0;
  size_t input = 0;

  int64_t time() const { return source->block->times[row]; }
  uint64_t seq() const { return source->block->seqs[row]; }
  RowRef ref() const { return {source->block.get(), row}; }
  // The row to be compared.
  RowRef fullest() const {
    return source->whole != nullptr ? RowRef{source->whole.get(), row} : ref();
  }
};

// Reads the blocks of rows of one time whole if their columns and numbers do not tell which of them
// are equal: unless each number is in all inputs. Returns the run without the rows of blocks that
// could not be read, which are missing from the answer then; the others keep their order.
Result<std::span<SourcedRow>> ReadToCompare(std::span<SourcedRow> run);

// Drops, among rows of one time, those that another input has brought already.
class RunMerger {
 public:
  // Appends what stays of `run`, ordered by (seq, input), to `kept`. Requires: `run` is ordered by
  // input. Returns the number dropped.
  size_t Merge(std::span<const SourcedRow> run, std::vector<SourcedRow>& kept);

 private:
  static constexpr size_t kNone = ~size_t{0};

  struct Found {
    SourcedRow row;
    size_t matched_by = 0;      // The input whose row was last found equal: each may match once.
    size_t next_alike = kNone;  // The next of the same line hash.
  };

  void Add(const SourcedRow& row);

  std::vector<Found> found_;
  HashMap<uint64_t, size_t> by_line_;  // Hash of a line to the newest in `found_` that has it.
  bool hashed_ = false;
};

}  // namespace skald::model

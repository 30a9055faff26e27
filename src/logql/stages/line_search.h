#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/multi_search.h"
#include "common/pair_search.h"
#include "logql/stages/line_test.h"
#include "model/entry_block.h"

namespace skald::logql {

// A bit for each row of a block.
class RowBits {
 public:
  void Clear(size_t rows) { words_.assign(rows / 64 + 1, 0); }
  bool Has(uint32_t row) const { return (words_[row / 64] >> (row % 64) & 1) != 0; }
  void Add(uint32_t row) { words_[row / 64] |= uint64_t{1} << (row % 64); }

 private:
  std::vector<uint64_t> words_;
};

// Finds the lines of blocks that pass a test. Lines are searched as one buffer for what a passing
// line must contain, if anything is known of that, and only those found are tested.
//
// Threads: Matches: any thread. MarkMatches: one caller at a time.
class LineSearch {
 public:
  explicit LineSearch(std::unique_ptr<LineTest> test);

  bool Matches(std::string_view line) const { return test_->Matches(line); }
  // Adds to `hits` those of the ascending rows of `selection` that match. Others between its first
  // and last may be added too, if they match. Requires: there are rows.
  void MarkMatches(const model::TextColumn& lines, const std::vector<uint32_t>& selection,
                   RowBits& hits);

 private:
  const std::unique_ptr<LineTest> test_;
  // For required texts, where they are two, and where they are more.
  const std::optional<PairSearch> pair_;
  const std::unique_ptr<MultiSearch> together_;
};

}  // namespace skald::logql

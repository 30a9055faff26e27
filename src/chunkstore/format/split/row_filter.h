#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/text_pieces.h"
#include "common/substring_search.h"
#include "model/batch_source.h"

namespace skald::chunkstore {

// The literals that a reader's lines must hold, as far as they can be told from tokens: the longest
// part of each without a separator (line_shape.h) lies within one token of a line that holds it.
//
// Threads: immutable; any thread may ask.
class RowFilter {
 public:
  // Which of the conditions that all must hold are met by what has been seen of a row: a bit each.
  using Met = uint32_t;

  explicit RowFilter(const std::vector<model::RequiredLiteral>& literals);

  // Whether it can rule out any row.
  bool selective() const { return all_ != 0; }
  Met all() const { return all_; }

  Met Search(std::string_view text) const;
  // Adds to `met` of each row what its piece meets. Requires: pieces ascend in their buffer.
  void SearchPieces(const TextPieces& pieces, std::span<Met> met) const;

  // Whether a text that is made of these bytes alone can meet anything.
  using Bytes = std::bitset<256>;
  bool MayMeet(const Bytes& bytes) const;

 private:
  struct Part {
    SubstringSearch search;
    Bytes bytes;  // Letters in upper case where case does not matter.
    Met meets = 0;
    bool fold_case = false;
  };

  std::vector<Part> parts_;
  Met all_ = 0;
};

// Rows that may hold what a reader looks for, told while lines are decoded.
struct RowSearch {
  const RowFilter& filter;
  bool told = false;           // Whether the lines were stored in a form that tells.
  std::vector<uint32_t> rows;  // If so: those rows, ascending. Lines of all others are empty.
};

}  // namespace skald::chunkstore

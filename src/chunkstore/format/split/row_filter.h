#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/line_shape.h"
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

  // What a text meets, or, where it is one of tokens and what stands between them, may meet.
  Met Search(std::string_view text) const;
  // What a token may meet of which `may_hold(const SubstringSearch&)` tells which texts it may
  // hold.
  template <typename MayHold>
  Met SearchIf(const MayHold& may_hold) const {
    Met met = untold_;
    for (const Part& part : parts_) {
      if ((met & part.meets) == 0 && may_hold(part.search)) met |= part.meets;
    }
    return met;
  }
  // Adds to `met` of each row what its piece meets. Requires: pieces ascend in their buffer.
  void SearchPieces(const TextPieces& pieces, std::span<Met> met) const;

  // The same conditions, told from words that a token is cut into in its turn: what lies within the
  // token is looked for by the longest of its own words. Any word meets a condition of which no
  // word could tell. Null for those of words.
  const RowFilter* words() const { return words_.get(); }

 private:
  struct Part {
    SubstringSearch search;
    Met meets = 0;
  };

  RowFilter() = default;
  // Whether a text that is cut so tells whether it holds the literal; then that is what bit `bit`
  // asks.
  bool Add(const model::RequiredLiteral& literal, Cut cut, Met bit);

  std::vector<Part> parts_;
  Met all_ = 0;
  Met untold_ = 0;
  std::unique_ptr<RowFilter> words_;
};

// Rows that may hold what a reader looks for, told while lines are decoded.
struct RowSearch {
  const RowFilter& filter;
  bool told = false;  // Whether the lines were stored in a form that tells.
  // If so: those rows, ascending. Lines of all others are empty; if there are none, nothing is
  // read.
  std::vector<uint32_t> rows;
};

}  // namespace skald::chunkstore

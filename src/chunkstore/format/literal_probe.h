#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/line_filter.h"
#include "chunkstore/format/line_grams.h"
#include "model/batch_source.h"

namespace skald::chunkstore {

// `literal` with every character beyond ASCII that may have two cases replaced by '\n': its other
// case has other bytes.
std::string WithoutCasedCharacters(std::string_view literal);

// The keys of all grams of words in `text`, sorted.
std::vector<uint32_t> WordKeysOf(std::string_view text);

// The literals that a request's lines must hold, made ready to be looked up in many filters.
//
// Threads: immutable; any thread may ask.
class LiteralProbe {
 public:
  explicit LiteralProbe(const std::vector<model::RequiredLiteral>& literals);

  // Whether it can rule out any block at all. When not, filters need not be read.
  bool selective() const { return !required_.empty(); }

  // What of filters to read first: the part that tells of most grams, if it alone probably rules
  // out a block that has not got them; else all parts.
  LineFilterParts FirstParts() const { return first_parts_; }

  // False only if no line of the block can hold all the literals. An empty filter rules out
  // nothing.
  bool MayMatch(const LineFilter& filter) const;

 private:
  using Grams = std::vector<Gram>;  // All of which a literal's block has.

  LineFilterParts ChooseFirst() const;

  std::vector<std::vector<Grams>> required_;  // One of each must be there.
  LineFilterParts first_parts_ = kAllLineFilterParts;
};

}  // namespace skald::chunkstore

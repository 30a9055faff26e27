#pragma once

#include <string>
#include <string_view>

#include "differential/random.h"

namespace skald::differential {

// Draws line filters for parts of a line that begin and end anywhere, in the middle of tokens too,
// or for what differs from them by a byte or by case.
//
// Ownership: borrows random.
// Threads:   not synchronised.
class PartFilters {
 public:
  explicit PartFilters(Random& random) : random_(random) {}

  // One filter, with a blank before it. Requires: the line is UTF-8.
  std::string Draw(const std::string& line);

 private:
  // Never empty.
  std::string PartOf(const std::string& line);
  // What `(?i)` finds the text by.
  std::string OtherCase(std::string_view text);
  // One of ASCII, for another that is mostly of its kind.
  char Other(char c);

  Random& random_;
};

}  // namespace skald::differential

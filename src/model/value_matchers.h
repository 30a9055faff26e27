#pragma once

#include <algorithm>
#include <string_view>

#include "model/matcher.h"

namespace skald::model {

// Whether it is best asked of each value of `name`, and of nothing else: matchers of that name
// alone, of which none says which values they are. None: of all values.
inline bool AreOfEachValue(const Matchers& matchers, std::string_view name) {
  return std::ranges::all_of(matchers, [name](const Matcher& matcher) {
    return matcher.name() == name && matcher.op() != MatchOp::kEqual &&
           matcher.literal_set() == nullptr;
  });
}

// Whether a stream with that value of their name matches. Requires: AreOfEachValue.
inline bool MatchValue(const Matchers& matchers, std::string_view value) {
  return std::ranges::all_of(matchers, [&](const Matcher& m) { return m.Matches(value); });
}

}  // namespace skald::model

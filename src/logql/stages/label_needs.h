#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace skald::logql {

// Which labels the rest of a query looks at: what parsers must find and sources must read.
//
// Threads: a value.
struct LabelNeeds {
  bool all = true;
  std::vector<std::string> names;  // Sorted, unique; when not all.

  bool None() const { return !all && names.empty(); }
  bool Wants(std::string_view name) const {
    return all || std::binary_search(names.begin(), names.end(), name);
  }
  // Whether a wanted name begins with `prefix`.
  bool WantsUnder(std::string_view prefix) const {
    if (all) {
      return true;
    }
    const auto it = std::lower_bound(names.begin(), names.end(), prefix);
    return it != names.end() && std::string_view(*it).starts_with(prefix);
  }
};

}  // namespace skald::logql

#pragma once

#include <compare>
#include <string>

namespace skald::ruler {

// What tells a rule group from every other.
//
// Threads: a value.
struct GroupKey {
  std::string tenant;
  std::string name_space;
  std::string group;

  friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
};

}  // namespace skald::ruler

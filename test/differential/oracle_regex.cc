#include "differential/oracle_regex.h"

#include <cstddef>
#include <map>
#include <utility>

namespace skald::differential {

std::shared_ptr<const Regex> RegexOf(const std::string& pattern, Regex::Anchor anchor) {
  constexpr size_t kMostRemembered = 64;  // More than any query has.
  static std::map<std::pair<std::string, Regex::Anchor>, std::shared_ptr<const Regex>> remembered;
  const auto found = remembered.find({pattern, anchor});
  if (found != remembered.end()) return found->second;
  if (remembered.size() == kMostRemembered) remembered.clear();
  return remembered[{pattern, anchor}] = *Regex::Compile(pattern, anchor);
}

}  // namespace skald::differential

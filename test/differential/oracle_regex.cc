#include "differential/oracle_regex.h"

#include <map>
#include <utility>

namespace skald::differential {

std::shared_ptr<const Regex> RegexOf(const std::string& pattern, Regex::Anchor anchor) {
  constexpr size_t kMostRemembered = 64;  // More than any query has.
  static std::map<std::pair<std::string, Regex::Anchor>, std::shared_ptr<const Regex>> remembered;
  auto& regex = remembered[{pattern, anchor}];
  if (regex != nullptr) return regex;
  auto compiled = *Regex::Compile(pattern, anchor);
  if (remembered.size() > kMostRemembered) {
    remembered.clear();
  } else {
    regex = compiled;
  }
  return compiled;
}

}  // namespace skald::differential

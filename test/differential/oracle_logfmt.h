#pragma once

#include <string>
#include <utility>
#include <vector>

namespace skald::differential {

struct Logfmt {
  std::vector<std::pair<std::string, std::string>> pairs;
  bool broken = false;  // Some pair is malformed.
};

// The pairs of a line; malformed ones are left out, and end the reading if `strict`.
Logfmt ReadLogfmt(const std::string& line, bool strict);

}  // namespace skald::differential

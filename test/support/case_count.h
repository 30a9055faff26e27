#pragma once

#include <algorithm>
#include <cstdlib>

namespace skald::test {

// How many cases a property test tries: `cases`, or the percentage of them that SKALD_TEST_PERCENT
// asks for (sanitizers slow a test down tenfold; a long run may ask for 10000). At least one.
inline int CaseCount(int cases) {
  const char* percent = std::getenv("SKALD_TEST_PERCENT");
  return percent == nullptr ? cases
                            : std::max(1, static_cast<int>(cases * std::atof(percent) / 100));
}

}  // namespace skald::test

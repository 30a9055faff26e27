#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loadgen/log_lines.h"
#include "logql/pattern.h"
#include "logql/stages/line_pattern.h"
#include "patterns/drain.h"
#include "support/case_count.h"

namespace skald::patterns {
namespace {

using loadgen::LineMaker;
using loadgen::LogKind;
using loadgen::Random;

// Whether the pattern is an expression of `|>`, and the line matches.
void ExpectMatch(const std::string& pattern, const std::string& line) {
  const auto parts = logql::ParseLinePattern(pattern);
  ASSERT_TRUE(parts.ok()) << parts.status().message() << "\npattern: " << pattern;
  ASSERT_TRUE(logql::LinePattern(*parts).Matches(line))
      << "pattern: " << pattern << "\nline:    " << line;
}

// Sorts the lines and holds all that a cluster took against its pattern in the end.
void CheckLines(const std::vector<std::string>& lines, const Drain::Options& options) {
  Drain drain(options);
  std::map<uint32_t, std::vector<const std::string*>> taken;
  for (const std::string& line : lines) {
    const Drain::Placed placed = drain.Add(line);
    if (placed.cluster == Drain::Placed::kNowhere) continue;
    if (placed.created) taken[placed.cluster].clear();
    taken[placed.cluster].push_back(&line);
  }
  for (const auto& [cluster, of_cluster] : taken) {
    const std::string pattern = drain.Pattern(cluster);
    for (const std::string* line : of_cluster) {
      ExpectMatch(pattern, *line);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(DrainPropertyTest, LinesOfServicesMatchTheirPatterns) {
  for (int kind = 0; kind < loadgen::kLogKinds; ++kind) {
    LineMaker maker(static_cast<LogKind>(kind), 7);
    std::vector<std::string> lines(static_cast<size_t>(test::CaseCount(20'000)));
    int64_t time_ns = 1'700'000'000'000'000'000;
    for (std::string& line : lines) maker.Append(time_ns += 12'345'678, line);
    CheckLines(lines, {});
    if (HasFatalFailure()) return;
  }
}

// Few pieces, so that lines resemble each other and themselves: literals come twice, placeholders
// touch, and what looks like a placeholder is text.
TEST(DrainPropertyTest, LinesOfAFewPiecesMatchTheirPatterns) {
  const std::vector<std::string> pieces = {"a",
                                           "b",
                                           "ab",
                                           "1",
                                           "22",
                                           " ",
                                           " ",
                                           "  ",
                                           "=",
                                           ":",
                                           ",",
                                           "\"",
                                           "}",
                                           "{",
                                           "(",
                                           ")",
                                           "<_>",
                                           "<a>",
                                           "<",
                                           ">",
                                           "_",
                                           "\n",
                                           "a=",
                                           "b=",
                                           " a",
                                           "a b",
                                           "\xff",
                                           "\"a\":",
                                           "\"b\":",
                                           "=1",
                                           "\xe6\x97\xa5",
                                           "\xe6\x97",
                                           "\xe3\x82\xab\xe3\x82\xbf",
                                           "\\",
                                           "|",
                                           "[x]",
                                           "\xc3\xa4",
                                           "\xc3",
                                           "<_",
                                           "\x01",
                                           "x=y="};
  const uint64_t seed = 20240607;
  Random random(seed);
  for (int i = 0; i < test::CaseCount(3000); ++i) {
    const uint64_t some = 2 + random.Below(pieces.size() - 1);
    const uint64_t first = random.Below(pieces.size());
    std::vector<std::string> lines(1 + random.Below(60));
    for (std::string& line : lines) {
      for (uint64_t n = random.Below(10); n > 0; --n) {
        line += pieces[(first + random.Below(some)) % pieces.size()];
      }
    }
    Drain::Options options;
    options.max_clusters = 1 + random.Below(8);
    options.max_eviction_ratio = 1;
    options.similarity = static_cast<double>(random.Below(11)) / 10;
    options.max_children = 1 + random.Below(4);
    options.depth = random.Below(3);
    options.caps.tokens = random.Below(3) == 0 ? 1 + random.Below(4) : 96;
    options.caps.line_bytes = random.Below(3) == 0 ? 1 + random.Below(12) : 1024;
    options.caps.token_bytes = random.Below(4) == 0 ? 1 : 128;
    CheckLines(lines, options);
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << ", case " << i;
  }
}

}  // namespace
}  // namespace skald::patterns

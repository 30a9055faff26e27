#include "logql/stages/line_filter.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace skald::logql {
namespace {

// Short lines of few letters, with newlines inside, so that texts are found across rows as well.
model::TextColumn RandomLines(std::mt19937_64& random) {
  model::TextColumn lines;
  for (int row = 0; row < 300; ++row) {
    std::string line;
    for (size_t i = random() % 12; i > 0; --i) line.push_back("aAbBkK\n "[random() % 8]);
    lines.Append(line);
  }
  return lines;
}

std::vector<uint32_t> Filtered(LineFilterOp op, const std::string& text,
                               const model::TextColumn& lines, std::vector<uint32_t> rows) {
  LineFilter filter;
  filter.op = op;
  filter.alternatives.push_back({.text = text});
  auto stage = LineFilterStage::Make(filter);
  EXPECT_TRUE(stage.ok()) << text;
  (*stage)->FilterBlock(lines, rows);
  return rows;
}

TEST(LineFilterTest, ABlockIsFilteredAsItsLinesAre) {
  std::mt19937_64 random(3);
  for (const char* text :
       {"ab", "ab|ba|bk", "(?i)ab|ba|aaa|bbb", "ab+|ba|kk.|a b", "(?i)(ab|ba|bb) ", "a\nb|b\na|bb",
        "^(ab|ba|kk)", "ab$|ba$|bb$|kk$", "[ab][ab]k|k[ab]", ".", ".*", "a*", "\\nK[ab]",
        "(?i)[^k]\\s+b$", "K\\s[Kk]|B\\nk"}) {
    const auto regex = Regex::Compile(text);
    ASSERT_TRUE(regex.ok());
    for (int round = 0; round < 20; ++round) {
      const model::TextColumn lines = RandomLines(random);
      std::vector<uint32_t> rows;
      for (uint32_t row = 0; row < lines.size(); ++row) {
        if (round % 2 == 0 || random() % 3 != 0) rows.push_back(row);
      }
      std::vector<uint32_t> with;
      std::vector<uint32_t> without;
      for (const uint32_t row : rows) {
        ((*regex)->Matches(lines[row]) ? with : without).push_back(row);
      }
      ASSERT_EQ(Filtered(LineFilterOp::kRegex, text, lines, rows), with) << text;
      ASSERT_EQ(Filtered(LineFilterOp::kNotRegex, text, lines, rows), without) << text;
    }
  }
}

}  // namespace
}  // namespace skald::logql

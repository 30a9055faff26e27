#include "logql/plan/constant_folding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "logql/parser.h"
#include "logql/printer.h"

namespace skald::logql {
namespace {

// "vector 3", "3", or "-" for what is evaluated.
std::string Folded(const std::string& query) {
  const auto expr = Parse(query);
  if (!expr.ok()) return std::string(expr.status().message());
  const std::optional<Constant> constant = FoldConstant(**expr);
  if (!constant) return "-";
  return (constant->is_vector ? "vector " : "") + PrintNumber(constant->value);
}

TEST(ConstantFoldingTest, FoldsWhatNeedsNoEvaluation) {
  const struct {
    const char* query;
    const char* folded;
  } rows[] = {
      {"1 + 2 * 3", "7"},
      {"vector(2)", "vector 2"},
      {"vector(2) * 3 + 1", "vector 7"},
      {"2 ^ vector(3)", "vector 8"},
      {"vector(1) + vector(2)", "vector 3"},
      {"vector(1) == bool 1", "vector 1"},
      {"vector(1) / 0", "vector (0 / 0)"},
      // What may be missing, or has labels of its own.
      {"vector(1) > 2", "-"},
      {"vector(1) and vector(2)", "-"},
      {"vector(1) + on (a) vector(2)", "-"},
      {R"(count_over_time({a="b"}[1m]) + 1)", "-"},
      {"sum(vector(1))", "-"},
  };
  for (const auto& row : rows) EXPECT_EQ(Folded(row.query), row.folded) << row.query;
}

}  // namespace
}  // namespace skald::logql

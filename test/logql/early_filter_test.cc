#include "logql/stages/early_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "logql/plan/scan_plan.h"
#include "logql/printer.h"
#include "logql/rows.h"

namespace skald::logql {
namespace {

using test::ParsedLog;

// The filters that are to be applied right behind the first stage.
std::string Early(const std::string& stages) {
  const ParsedLog log("{a=\"b\"} " + stages);
  std::string out;
  for (const LabelFilter* filter : EarlyFilters(PlanEntries(*log).stages, 0)) {
    const auto& text = std::get<StringLabelFilter>(filter->node);
    out += (out.empty() ? "" : " ") + text.matcher.ToString();
  }
  return out;
}

TEST(EarlyFilterTest, TakesFiltersOnLabelsRemovedBeforeThem) {
  EXPECT_EQ(Early(R"(| json | drop x | x="1")"), R"(x="1")");
  EXPECT_EQ(Early(R"(| json | drop x="2" | x="1")"), R"(x="1")");
  EXPECT_EQ(Early(R"(| json | keep y | x="1" | y="2")"), R"(x="1")");
  EXPECT_EQ(Early(R"(| json | drop x | x="1" | drop y | x="2" | y="3")"), R"(x="1" x="2" y="3")");
}

TEST(EarlyFilterTest, LeavesOthersWhereTheyAre) {
  EXPECT_EQ(Early(R"(| json | x="1")"), "");
  EXPECT_EQ(Early(R"(| json | x="1" | drop x)"), "");
  EXPECT_EQ(Early(R"(| json | drop y | x="1")"), "");
  EXPECT_EQ(Early(R"(| json | keep x | x="1")"), "");
  // It looks at several labels, as it is written.
  EXPECT_EQ(Early(R"(| json | drop x | x="1" or x="2")"), "");
}

}  // namespace
}  // namespace skald::logql

#include "logql/live_query.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "logql/parser.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::HasMessage;
using test::IsOk;
using testing::HasSubstr;

Result<std::unique_ptr<LiveQuery>> Make(std::string_view text, bool categorize = false) {
  auto expr = Parse(text, {.extensions = Extensions::kOn});
  EXPECT_THAT(expr, IsOk());
  return LiveQuery::Make(*std::move(expr), categorize);
}

model::LogBatch BatchOf(const std::vector<std::string>& lines) {
  static constexpr model::MetadataPair kTrace{"trace", "t1"};
  model::EntryBlockBuilder builder;
  for (size_t i = 0; i < lines.size(); ++i) {
    builder.Append(static_cast<int64_t>(i), i, lines[i], {&kTrace, 1});
  }
  model::LogBatch batch;
  batch.stream = std::make_shared<const model::Labels>(model::Labels{{"app", "a"}});
  batch.block = std::make_shared<const model::EntryBlock>(builder.Finish());
  batch.selection.resize(lines.size());
  std::iota(batch.selection.begin(), batch.selection.end(), 0);
  return batch;
}

TEST(LiveQueryTest, KeepsWhatPassesTheStagesInOrder) {
  const auto query =
      Make(R"({app="a"} |= "level" | logfmt | level="error" | line_format "{{.n}}")");
  ASSERT_THAT(query, IsOk());
  std::vector<FoundEntry> found;
  (*query)->Read(BatchOf({"level=error n=1", "n=2", "level=info n=3", "level=error n=4"}), found);
  (*query)->Read(BatchOf({"level=error n=5"}), found);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].line, "1");
  EXPECT_EQ(found[1].line, "4");
  EXPECT_EQ(found[1].time_ns, 3);
  EXPECT_EQ(found[2].line, "5");
  EXPECT_EQ(found[0].labels.ToString(), R"({app="a", level="error", n="1", trace="t1"})");
}

TEST(LiveQueryTest, TellsCategoriesOfLabelsApart) {
  const auto query = Make(R"({app="a"} | logfmt)", /*categorize=*/true);
  ASSERT_THAT(query, IsOk());
  std::vector<FoundEntry> found;
  (*query)->Read(BatchOf({"n=1"}), found);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].labels.ToString(), R"({app="a"})");
  EXPECT_EQ(found[0].structured_metadata.ToString(), R"({trace="t1"})");
  EXPECT_EQ(found[0].parsed.ToString(), R"({n="1"})");
}

TEST(LiveQueryTest, ReadsBatchesLongerThanASlice) {
  const auto query = Make(R"({app="a"} | logfmt)");
  ASSERT_THAT(query, IsOk());
  std::vector<std::string> lines;
  for (int i = 0; i < 5000; ++i) lines.push_back("n=" + std::to_string(i));
  std::vector<FoundEntry> found;
  (*query)->Read(BatchOf(lines), found);
  ASSERT_EQ(found.size(), lines.size());
  for (size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i].line, lines[i]);
}

TEST(LiveQueryTest, RefusesWhatCannotBeFollowed) {
  EXPECT_THAT(Make(R"(rate({app="a"}[1m]))"), HasMessage(HasSubstr("only log queries")));
  EXPECT_THAT(Make(R"({app="a"} | limit 3)").status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(Make(R"({app="a"} | json x="[")"), HasMessage(HasSubstr("parse error : stage")));
}

}  // namespace
}  // namespace skald::logql

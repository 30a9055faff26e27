#include "ruler/series_labels.h"

#include <gtest/gtest.h>

#include "logql/parser.h"

namespace skald::ruler {
namespace {

std::string Shown(const std::string& query) {
  const auto expr = logql::Parse(query);
  if (!expr.ok()) return std::string(expr.status().message());
  const SeriesLabels labels = LabelsOf(**expr);
  std::string text = labels.all_but ? "all but" : "only";
  for (const std::string& name : labels.names) text += " " + name;
  return text;
}

TEST(SeriesLabelsTest, FollowFromWhatAggregationsKeep) {
  struct Row {
    const char* query;
    const char* labels;
  };
  const Row rows[] = {
      {R"(rate({a="b"}[1m]))", "all but"},
      {R"(sum(rate({a="b"}[1m])))", "only"},
      {R"(sum by (x, y) (rate({a="b"}[1m])))", "only x y"},
      {R"(sum without (x) (rate({a="b"}[1m])))", "all but x"},
      {R"(sum by (x, z) (sum by (x, y) (rate({a="b"}[1m]))))", "only x"},
      {R"(topk(3, sum by (x) (rate({a="b"}[1m]))))", "only x"},
      {R"(topk by (x) (3, rate({a="b"}[1m])))", "all but"},
      {R"(max_over_time({a="b"} | unwrap n [1m]) by (x))", "only x"},
      {R"(absent_over_time({a="b", c=~"d"}[1m]))", "only a"},
      {R"(sum by (x) (rate({a="b"}[1m])) > 5)", "only x"},
      {R"(100 * sum by (x) (rate({a="b"}[1m])))", "only x"},
      {R"(sum by (x) (rate({a="b"}[1m])) or sum by (y) (rate({a="b"}[1m])))", "only x y"},
      {R"(sum by (x) (rate({a="b"}[1m])) unless sum by (y) (rate({a="b"}[1m])))", "only x"},
      {R"(sum by (x, y) (rate({a="b"}[1m])) / on (x) sum by (x) (rate({a="b"}[1m])))", "only x"},
      {R"(sum by (x, y) (rate({a="b"}[1m])) / on (x) group_left (z) sum by (x, z) (rate({a="b"}[1m])))",
       "only x y z"},
      {R"(sum by (x, y) (rate({a="b"}[1m])) / ignoring (y) sum by (x) (rate({a="b"}[1m])))",
       "only x"},
      {R"lq(label_replace(sum by (x) (rate({a="b"}[1m])), "new", "$1", "x", "(.*)"))lq",
       "only new x"},
      {"vector(1)", "only"},
  };
  for (const Row& row : rows) EXPECT_EQ(Shown(row.query), row.labels) << row.query;
}

}  // namespace
}  // namespace skald::ruler

#include "logql/plan/query_plan.h"

#include <gtest/gtest.h>

#include <string>

#include "logql/parser.h"
#include "logql/plan/plan_printer.h"

namespace skald::logql {
namespace {

constexpr int64_t kMinute = 60'000'000'000;

Query QueryOf(const std::string& text) {
  Query query;
  query.tenant = model::TenantId("t");
  auto expr = Parse(text);
  EXPECT_TRUE(expr.ok()) << text;
  if (expr.ok()) query.expr = *std::move(expr);
  query.start_ns = 60 * kMinute;
  query.end_ns = 120 * kMinute;
  query.step_ns = kMinute;
  return query;
}

TEST(QueryPlanTest, ShowsTheWayOfALogQuery) {
  const Query query = QueryOf(R"({app="api"} | json | status="500" |= "GET")");
  EXPECT_EQ(PrintPlan(PlanQuery(query)),
            R"plan(query   {app="api"} | json | status="500" |= "GET"
answer  the newest 100 entries from 1970-01-01T01:00:00Z to before 1970-01-01T02:00:00Z; stops once they are found

entries of selector 1

selector 1  {app="api"}
  time      1970-01-01T01:00:00Z to before 1970-01-01T02:00:00Z, newest first
  stages    1. |= "GET"  (written as 3: the line is the same at the front)
            2. | json
            3. | status="500"
  reads     times, lines, all structured metadata
  labels    all
  requires  in the line: "GET"
            in the line: "500" or "\\u00", unless stream or metadata have status; searched before parsing
            in the line: "status" or "\\u00", unless stream or metadata have status
            label status: "500", from stream, metadata or line
)plan");
}

TEST(QueryPlanTest, ShowsOperatorsAndTheTimesTheyRead) {
  const Query query =
      QueryOf(R"(sum by (a) (count_over_time({app="api"}[5m] offset 1m)) / vector(2) * (1 + 2))");
  EXPECT_EQ(
      PrintPlan(PlanQuery(query)),
      R"plan(query   ((sum by (a)(count_over_time({app="api"}[5m] offset 1m0s)) / vector(2.000000)) * 3)
answer  values at 61 points from 1970-01-01T01:00:00Z to 1970-01-01T02:00:00Z, 1m0s apart

*
  /
    sum by (a)  (no work of its own: samples go straight into its groups)
      count_over_time [5m] offset 1m0s of selector 1
    vector 2  (constant)
  3  (constant)

selector 1  {app="api"}
  time      1970-01-01T00:54:00.000000001Z to before 1970-01-01T01:59:00.000000001Z, oldest first
  reads     times, structured metadata a
  labels    a
)plan");
}

TEST(QueryPlanTest, TellsWhatUnwrapNeeds) {
  const Query query =
      QueryOf(R"(max_over_time({app="api"} | logfmt | unwrap took_ms | took_ms>5 [1m]) by (app))");
  const QueryPlan plan = PlanQuery(query);
  ASSERT_EQ(plan.selectors.size(), 1u);
  const ScanPlan& scan = plan.selectors[0].scan;
  EXPECT_EQ(scan.needs.names, (std::vector<std::string>{"app", "took_ms"}));
  ASSERT_EQ(scan.label_literals.size(), 1u);
  EXPECT_EQ(scan.label_literals[0].literal.any_of, (std::vector<std::string>{"took", "\\u00"}));
}

TEST(QueryPlanTest, SaysWhichSelectorsShareARead) {
  const Query query = QueryOf(R"(sum(rate({app="api"} |= "x"[5m])) / sum(rate({app="api"}[5m])) +
                                 sum(rate({app="api"} |= "yz"[6m] offset 2m)))");
  const std::string text = PrintPlan(PlanQuery(query));
  EXPECT_EQ(text.substr(text.find("\nselector 1")), R"plan(
selector 1  {app="api"}
  time      1970-01-01T00:55:00.000000001Z to before 1970-01-01T02:00:00.000000001Z, oldest first
  stages    1. |= "x"
  reads     times, lines
  labels    none
  requires  in the line: "x"
  shared    in one read of selectors 1 and 3

selector 2  {app="api"}
  time      1970-01-01T00:55:00.000000001Z to before 1970-01-01T02:00:00.000000001Z, oldest first
  reads     times
  labels    none

selector 3  {app="api"}
  time      1970-01-01T00:52:00.000000001Z to before 1970-01-01T01:58:00.000000001Z, oldest first
  stages    1. |= "yz"
  reads     times, lines
  labels    none
  requires  in the line: "yz"
  shared    in one read of selectors 1 and 3

read of selectors 1 and 3  {app="api"}
  time      1970-01-01T00:52:00.000000001Z to before 1970-01-01T02:00:00.000000001Z, oldest first
  reads     times, lines
  requires  in the line: "x" or "yz"
)plan");
}

TEST(QueryPlanTest, ASideOfFewerStreamsIsReadWithAllOfThem) {
  const QueryPlan plan = PlanQuery(QueryOf(
      R"(rate({a="1", b="2"}[1m]) / on() rate({a="1"} != "x"[2m]) > on() rate({a="2"}[1m]))"));
  ASSERT_EQ(plan.reads.size(), 2u);
  EXPECT_EQ(plan.reads[0].shared.readers, (std::vector<size_t>{0, 1}));
  EXPECT_EQ(model::ToString(plan.reads[0].shared.request.matchers), R"({a="1"})");
  EXPECT_FALSE(plan.reads[1].is_shared());
}

TEST(QueryPlanTest, ListsEachSelector) {
  const QueryPlan plan = PlanQuery(QueryOf(
      R"(count_over_time({a="1"}[1m]) or label_replace(rate({b="2"}[2m]), "x", "y", "", ""))"));
  ASSERT_EQ(plan.selectors.size(), 2u);
  EXPECT_EQ(plan.selectors[1].window_ns, 2 * kMinute);
  EXPECT_EQ(plan.root.operands[1].operands[0].selector, 1);
}

}  // namespace
}  // namespace skald::logql

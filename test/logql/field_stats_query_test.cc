#include "logql/field_stats_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "logql/parser.h"
#include "support/matchers.h"
#include "support/memory_source.h"

namespace skald::logql {
namespace {

using ::skald::test::HasCode;
using ::skald::test::IsOk;
using ::skald::test::MemorySource;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One line a field: "source name present/distinct value*count ...".
std::vector<std::string> Describe(const FieldStatsResult& result) {
  std::vector<std::string> lines;
  for (const FieldStats& field : result.fields) {
    std::string line = "none";
    if (field.source.has_value()) {
      line = *field.source == LabelCategory::kStream     ? "label"
             : *field.source == LabelCategory::kMetadata ? "metadata"
                                                         : "parsed";
    }
    line += ' ' + field.name + ' ' + std::to_string(field.present) + '/' +
            std::to_string(field.distinct);
    for (const FieldValue& value : field.values) {
      line += ' ' + value.value + '*' + std::to_string(value.count);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

class FieldStatsQueryTest : public ::testing::Test {
 protected:
  Result<FieldStatsResult> Run(const std::string& text, FieldQuestion question = {}) {
    FieldStatsQuery query;
    query.tenant = model::TenantId("t");
    auto expr = Parse(text);
    EXPECT_THAT(expr.status(), IsOk());
    query.expr = *expr;
    query.range = {.start = 0, .end = 1000000};
    query.question = std::move(question);
    return RunFieldStats(query, source_, executor_, context_);
  }

  MemorySource source_;
  Executor executor_{"test", 3};
  model::ScanContext context_;
};

TEST_F(FieldStatsQueryTest, OneClusterOneNode) {
  for (int i = 0; i < 40; ++i) {
    const std::string cluster = i % 2 == 0 ? "eu" : "us";
    source_.Add({{"app", "shop"}, {"cluster", cluster}}, i,
                i % 10 == 0 ? R"({"level":"error","code":500})" : R"({"level":"info"})",
                {{"node", "n" + std::to_string(i % 10)}});
  }
  const auto result = Run(R"({app="shop"} |= "error")");
  ASSERT_THAT(result.status(), IsOk());
  EXPECT_EQ(result->lines, 4);
  EXPECT_FALSE(result->more_fields);
  EXPECT_THAT(Describe(*result), ElementsAre("label cluster 4/1 eu*4", "parsed code 4/1 500*4",
                                             "parsed level 4/1 error*4", "metadata node 4/1 n0*4",
                                             "label app 4/1 shop*4"));
  EXPECT_EQ(context_.stats.post_filter_lines, 4);
}

TEST_F(FieldStatsQueryTest, FieldsWhoseValuesAgreeComeFirst) {
  for (int i = 0; i < 100; ++i) {
    source_.Add({{"app", "shop"}}, i,
                "id=" + std::to_string(i) + " half=" + std::to_string(i % 2) +
                    (i % 4 == 0 ? " rare=x" : "") + (i > 5 ? " most=y" : ""));
  }
  const auto result = Run(R"({app=~"shop"})", {.top = 1});
  ASSERT_THAT(result.status(), IsOk());
  EXPECT_THAT(Describe(*result), ElementsAre("label app 100/1 shop*100", "parsed most 94/1 y*94",
                                             "parsed half 100/2 0*50", "parsed rare 25/1 x*25",
                                             "parsed id 100/100 0*1"));
}

TEST_F(FieldStatsQueryTest, NamedFieldsInTheirOrder) {
  source_.Add({{"app", "shop"}}, 1, "level=info took=5ms", {{"pod", "a"}});
  source_.Add({{"app", "shop"}}, 2, "level=warn", {{"pod", "b"}, {"level", "meta"}});
  const auto result = Run(R"({app="shop"})", {.fields = {"pod", "level", "nope", "app"}});
  ASSERT_THAT(result.status(), IsOk());
  EXPECT_THAT(Describe(*result),
              ElementsAre("metadata pod 2/2 a*1 b*1", "metadata level 1/1 meta*1",
                          "parsed level 1/1 info*1", "none nope 0/0", "label app 2/1 shop*2"));
}

TEST_F(FieldStatsQueryTest, LinesAreParsedOnceAndOnlyIfWanted) {
  source_.Add({{"app", "shop"}}, 1, R"({"a":"x=y"})");
  EXPECT_THAT(Describe(*Run(R"({app="shop"} | json)")),
              ElementsAre("parsed a 1/1 x=y*1", "label app 1/1 shop*1"));
  EXPECT_THAT(Describe(*Run(R"({app="shop"} | pattern "<_>:<b>}")")),
              ElementsAre("parsed b 1/1 \"x=y\"*1", "label app 1/1 shop*1"));
  EXPECT_THAT(Describe(*Run(R"({app="shop"})", {.parse_lines = false})),
              ElementsAre("label app 1/1 shop*1"));
}

TEST_F(FieldStatsQueryTest, ErrorsOfStagesAreNoFields) {
  source_.Add({{"app", "shop"}}, 1, "no json");
  EXPECT_THAT(Describe(*Run(R"({app="shop"} | json)")), ElementsAre("label app 1/1 shop*1"));
}

TEST_F(FieldStatsQueryTest, OnlyTheFieldsOfMostEntries) {
  source_.Add({{"app", "shop"}}, 1, "a=1 b=1 c=1");
  source_.Add({{"app", "shop"}}, 2, "c=1");
  const auto result = Run(R"({app="shop"})", {.max_fields = 2});
  EXPECT_TRUE(result->more_fields);
  EXPECT_THAT(Describe(*result), ElementsAre("parsed c 2/1 1*2", "label app 2/1 shop*2"));
}

TEST_F(FieldStatsQueryTest, ManyStreamsOnSeveralThreads) {
  for (int i = 0; i < 5000; ++i) {
    source_.Add({{"app", "shop"}, {"pod", std::to_string(i % 50)}}, i,
                "n=" + std::to_string(i % 200), {{"zone", "z" + std::to_string(i % 3)}});
  }
  const auto result = Run(R"({app="shop"})", {.fields = {"pod", "n", "zone"}, .top = 1});
  ASSERT_THAT(result.status(), IsOk());
  EXPECT_EQ(result->lines, 5000);
  EXPECT_THAT(Describe(*result), ElementsAre("label pod 5000/50 0*100", "parsed n 5000/200 0*25",
                                             "metadata zone 5000/3 z0*1667"));
  ASSERT_TRUE(result->fields[1].numbers.has_value());
  EXPECT_EQ(result->fields[1].numbers->summary.average, 99.5);
}

TEST_F(FieldStatsQueryTest, NothingFound) {
  source_.Add({{"app", "shop"}}, 1, "a=1");
  const auto result = Run(R"({app="shop"} |= "absent")");
  ASSERT_THAT(result.status(), IsOk());
  EXPECT_EQ(result->lines, 0);
  EXPECT_THAT(result->fields, IsEmpty());
}

TEST_F(FieldStatsQueryTest, MetricQueriesHaveNoFields) {
  EXPECT_THAT(Run(R"(rate({app="shop"}[1m]))").status(), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(FieldStatsQueryTest, EndsWhenCancelled) {
  source_.Add({{"app", "shop"}}, 1, "a=1");
  context_.cancel.Cancel();
  EXPECT_THAT(Run(R"({app="shop"})").status(), HasCode(StatusCode::kCancelled));
}

}  // namespace
}  // namespace skald::logql

#include "api/request_limits.h"

#include <gtest/gtest.h>

namespace skald::api {
namespace {

std::optional<querier::RequestLimits> LimitsOf(std::string_view limits,
                                               std::string_view context = "") {
  net::Headers headers;
  headers.Add("X-Loki-Query-Limits", limits);
  headers.Add("X-Loki-Query-Limits-Context", context);
  return ReadRequestLimits(headers);
}

TEST(RequestLimitsTest, ReadsEveryMemberInAnyCase) {
  const auto limits =
      LimitsOf(R"({"maxQueryLength":"1h","maxQueryInterval":"5m","MAXQUERYTIME":"1ms",
      "maxQueryLookback":"2d","maxEntriesLimitPerQuery":4,"maxQueryBytesRead":"1kb",
      "requiredLabels":["env"],"minimumLabelsNumber":3,"tsdbShardingStrategy":"bounded",
      "other":[1]})");
  ASSERT_TRUE(limits.has_value());
  EXPECT_EQ(limits->max_query_length, std::chrono::hours(1));
  EXPECT_EQ(limits->max_query_range, std::chrono::minutes(5));
  EXPECT_EQ(limits->query_timeout, std::chrono::milliseconds(1));
  EXPECT_EQ(limits->max_query_lookback, std::chrono::hours(48));
  EXPECT_EQ(limits->max_entries_limit_per_query, 4);
  EXPECT_EQ(limits->max_query_bytes_read, 1024u);
  EXPECT_EQ(limits->required_labels, std::vector<std::string>{"env"});
  EXPECT_EQ(limits->minimum_labels_number, 3);
  EXPECT_TRUE(limits->bounded_shards);
  EXPECT_FALSE(LimitsOf(R"({"tsdbShardingStrategy":"power_of_two"})")->bounded_shards);
}

TEST(RequestLimitsTest, AFaultyHeaderIsNone) {
  for (const char* text :
       {"", "{", "[]", "null", "\"x\"", R"({"maxEntriesLimitPerQuery":"4"})",
        R"({"maxEntriesLimitPerQuery":4.5})", R"({"maxQueryLength":3600})",
        R"({"maxQueryLength":"1.5h"})", R"({"requiredLabels":"env"})",
        R"({"maxQueryBytesRead":"x"})", R"({"tsdbShardingStrategy":"even"})",
        R"({"tsdbShardingStrategy":2})", R"({"maxEntriesLimitPerQuery":99999999999})"}) {
    EXPECT_FALSE(LimitsOf(text).has_value()) << text;
  }
}

TEST(RequestLimitsTest, ReadsTheQueryBehindTheRequest) {
  const auto limits = LimitsOf(
      "{}", R"({"Expr":"{a=\"b\"}","From":"2026-01-15T11:00:00Z","To":"2026-01-15T12:00:00Z"})");
  ASSERT_TRUE(limits.has_value());
  EXPECT_EQ(limits->whole.text, "{a=\"b\"}");
  EXPECT_EQ(limits->whole.end_ns - limits->whole.start_ns, 3600ll * 1'000'000'000);
  EXPECT_EQ(LimitsOf("{}", "no JSON")->whole.text, "");
}

}  // namespace
}  // namespace skald::api

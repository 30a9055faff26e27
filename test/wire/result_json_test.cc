#include "wire/result_json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/expiring_clock.h"
#include "support/matchers.h"
#include "wire/stats_json.h"

namespace skald::wire {
namespace {

using model::Labels;
using nlohmann::json;
using test::HasCode;
using test::IsOk;

// The answer with `stats` cut out, so that the rest can be compared.
std::string WithoutStats(const model::QueryResult& result) {
  const model::ScanStats stats;
  std::string out;
  AppendQueryResponse(result, stats, out);
  std::string stats_text;
  AppendStats(result.summary, stats, stats_text);
  const size_t begin = out.find(",\"stats\":" + stats_text);
  EXPECT_NE(begin, std::string::npos) << out;
  return out.erase(begin, std::string(",\"stats\":").size() + stats_text.size());
}

model::ResultStream Stream(Labels labels, std::vector<model::ResultEntry> entries) {
  return {.labels = std::move(labels), .entries = std::move(entries)};
}

TEST(ResultJsonTest, WritesStreams) {
  const model::Streams streams = {
      {Stream({{"app", "a"}, {"level", "info"}},
              {{.time_ns = 1'700'000'000'000'000'001, .line = "one <&> \"q\" \xff\n"},
               {.time_ns = 1'700'000'000'000'000'000, .line = ""}}),
       Stream({}, {{.time_ns = -1, .line = "x"}})}};
  EXPECT_EQ(WithoutStats({.data = streams}),
            "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":["
            "{\"stream\":{\"app\":\"a\",\"level\":\"info\"},\"values\":["
            "[\"1700000000000000001\",\"one \\u003c\\u0026\\u003e \\\"q\\\" \\ufffd\\n\"],"
            "[\"1700000000000000000\",\"\"]]},"
            "{\"stream\":{},\"values\":[[\"-1\",\"x\"]]}]}}\n");
}

TEST(ResultJsonTest, WritesCategorizedLabels) {
  const model::Streams streams = {
      {Stream({{"app", "a"}}, {{.time_ns = 1,
                                .line = "x",
                                .structured_metadata = {{"trace_id", "t"}},
                                .parsed = {{"status", "200"}}},
                               {.time_ns = 2, .line = "y", .parsed = {{"status", "500"}}},
                               {.time_ns = 3, .line = "z", .structured_metadata = {{"k", "v"}}},
                               {.time_ns = 4, .line = "w"}})}};
  EXPECT_EQ(
      WithoutStats({.data = streams, .categorized = true, .encoding_flags = {"categorize-labels"}}),
      "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\","
      "\"encodingFlags\":[\"categorize-labels\"],\"result\":["
      "{\"stream\":{\"app\":\"a\"},\"values\":["
      "[\"1\",\"x\",{\"structuredMetadata\":{\"trace_id\":\"t\"},"
      "\"parsed\":{\"status\":\"200\"}}],"
      "[\"2\",\"y\",{\"parsed\":{\"status\":\"500\"}}],"
      "[\"3\",\"z\",{\"structuredMetadata\":{\"k\":\"v\"}}],"
      "[\"4\",\"w\",{}]]}]}}\n");
}

TEST(ResultJsonTest, WritesEmptyResults) {
  EXPECT_EQ(WithoutStats({.data = model::Streams()}),
            "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[]}}\n");
  EXPECT_EQ(WithoutStats({.data = model::Matrix()}),
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}");
  EXPECT_EQ(WithoutStats({.data = model::Vector()}),
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}");
}

TEST(ResultJsonTest, WritesMatrices) {
  const model::Matrix matrix = {
      {{.labels = {{"app", "a"}},
        .points = {{1'700'000'000'000, 1.5}, {1'700'000'060'500, 2}, {1'700'000'060'120, 1e21}}},
       {.labels = {}, .points = {{-1'001, NAN}, {1, INFINITY}, {0, -INFINITY}, {10, 1e-6}}}}};
  EXPECT_EQ(WithoutStats({.data = matrix}),
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
            "{\"metric\":{\"app\":\"a\"},\"values\":[[1700000000,\"1.5\"],[1700000060.5,\"2\"],"
            "[1700000060.12,\"1000000000000000000000\"]]},"
            "{\"metric\":{},\"values\":[[-1.001,\"NaN\"],[0.001,\"+Inf\"],[0,\"-Inf\"],"
            "[0.01,\"0.000001\"]]}]}}");
}

TEST(ResultJsonTest, WritesVectorsAndScalars) {
  const model::Vector vector = {{{.labels = {{"app", "a"}}, .points = {{1'700'000'000'000, 42}}}}};
  EXPECT_EQ(WithoutStats({.data = vector}),
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
            "{\"metric\":{\"app\":\"a\"},\"value\":[1700000000,\"42\"]}]}}");
  EXPECT_EQ(WithoutStats({.data = model::Scalar{{1'700'000'000'000, 2}}}),
            "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":"
            "[1700000000000,\"2\"]}}");
}

TEST(ResultJsonTest, TellsWarnings) {
  EXPECT_EQ(WithoutStats({.data = model::Streams(), .warnings = {"a", "b \"q\""}}),
            "{\"status\":\"success\",\"warnings\":[\"a\",\"b \\\"q\\\"\"],"
            "\"data\":{\"resultType\":\"streams\",\"result\":[]}}\n");
  EXPECT_EQ(WithoutStats({.data = model::Vector(), .warnings = {"a"}}),
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]},"
            "\"warnings\":[\"a\"]}");
}

model::SeriesList ListOf(const std::vector<Labels>& series) {
  model::SeriesList list;
  for (const Labels& labels : series) list.Add(labels);
  return list;
}

TEST(ResultJsonTest, WritesManySeriesAsOneByOneUntilNobodyWantsThem) {
  Executor workers("json", 2);
  std::vector<Labels> many;
  std::string expected = "{\"status\":\"success\",\"data\":[";
  for (int i = 0; i < 50'000; ++i) {
    many.push_back({{"app", "a\"" + std::to_string(i % 7)}, {"id", std::to_string(i)}});
    if (i > 0) expected.push_back(',');
    AppendLabels(many.back(), expected);
  }
  expected.append("]}\n");
  const model::SeriesList list = ListOf(many);
  for (Executor* const helpers : {static_cast<Executor*>(nullptr), &workers}) {
    std::string out;
    EXPECT_THAT(AppendSeriesResponse(list, {.workers = helpers}, out), IsOk());
    EXPECT_EQ(out, expected);
    const test::ExpiringClock clock(3);  // The first is to set the deadline.
    out.clear();
    EXPECT_THAT(AppendSeriesResponse(
                    list, {CancelToken::WithTimeout(clock, std::chrono::minutes(1)), helpers}, out),
                HasCode(StatusCode::kDeadlineExceeded));
    EXPECT_LE(clock.asked(), helpers == nullptr ? 3 : 5);  // By each thread once more.
    EXPECT_LT(out.size(), expected.size() * 3 / 4);
  }
}

TEST(ResultJsonTest, WritesLabelsAndSeries) {
  std::string labels;
  AppendLabelsResponse(std::vector<std::string>{"a", "b\"c"}, labels);
  EXPECT_EQ(labels, "{\"status\":\"success\",\"data\":[\"a\",\"b\\\"c\"]}\n");
  std::string values;
  EXPECT_THAT(AppendLabelsResponse(TextList{"a", "b\"c"}, {}, values), IsOk());
  EXPECT_EQ(values, labels);
  std::string no_labels;
  AppendLabelsResponse(std::vector<std::string>(), no_labels);
  EXPECT_THAT(AppendLabelsResponse(TextList(), {}, no_labels), IsOk());
  EXPECT_EQ(no_labels, "{\"status\":\"success\"}\n{\"status\":\"success\"}\n");
  std::string series;
  EXPECT_THAT(AppendSeriesResponse(ListOf({{{"a", "1"}, {"b", "2"}}, {}}), {}, series), IsOk());
  EXPECT_EQ(series, "{\"status\":\"success\",\"data\":[{\"a\":\"1\",\"b\":\"2\"},{}]}\n");
  std::string no_series;
  EXPECT_THAT(AppendSeriesResponse({}, {}, no_series), IsOk());
  EXPECT_EQ(no_series, "{\"status\":\"success\",\"data\":[]}\n");
}

TEST(ResultJsonTest, WritesTheLegacyAnswer) {
  const model::QueryResult result = {
      .data = model::Streams{{Stream({{"a", "b"}}, {{.time_ns = 1, .line = "x"}})}}};
  const model::ScanStats stats;
  std::string out;
  AppendLegacyQueryResponse(result, stats, out);
  EXPECT_TRUE(out.starts_with(
      R"({"streams":[{"labels":"{a=\"b\"}","entries":[{"ts":"1970-01-01T00:00:00.000000001Z","line":"x"}]}],"stats":{)"))
      << out;
  EXPECT_TRUE(out.ends_with("}}\n"));
  EXPECT_TRUE(json::accept(out));
}

TEST(ResultJsonTest, WritesTailFrames) {
  const std::vector<model::ResultStream> streams = {
      Stream({{"a", "b"}}, {{.time_ns = 1, .line = "x"}})};
  std::string plain;
  AppendTailFrame(streams, {}, false, plain);
  EXPECT_EQ(plain, R"({"streams":[{"stream":{"a":"b"},"values":[["1","x"]]}]})");
  std::string full;
  const std::vector<DroppedEntry> dropped = {{.time_ns = 5, .labels = {{"a", "b"}}}};
  AppendTailFrame(streams, dropped, true, full);
  EXPECT_EQ(full, R"({"streams":[{"stream":{"a":"b"},"values":[["1","x",{}]]}],)"
                  R"("dropped_entries":[{"timestamp":"5","labels":{"a":"b"}}],)"
                  R"("encodingFlags":["categorize-labels"]})");
}

TEST(ResultJsonTest, WritesTailFramesOfTheOlderShape) {
  const std::vector<model::ResultStream> streams = {
      Stream({{"a", "b"}}, {{.time_ns = 1, .line = "x"}})};
  std::string plain;
  AppendLegacyTailFrame(streams, {}, plain);
  EXPECT_EQ(plain, R"({"streams":[{"labels":"{a=\"b\"}","entries":[)"
                   R"({"ts":"1970-01-01T00:00:00.000000001Z","line":"x"}]}],)"
                   R"("dropped_entries":null})");
  std::string full;
  const std::vector<DroppedEntry> dropped = {{.time_ns = 5, .labels = {{"a", "b"}}},
                                             {.time_ns = 6, .labels = {{"a", "c"}}}};
  AppendLegacyTailFrame({}, dropped, full);
  EXPECT_EQ(full, R"({"streams":[],"dropped_entries":[)"
                  R"({"Timestamp":"1970-01-01T00:00:00.000000005Z","Labels":"{a=\"b\"}"},)"
                  R"({"Timestamp":"1970-01-01T00:00:00.000000006Z","Labels":"{a=\"c\"}"}]})");
}

}  // namespace
}  // namespace skald::wire

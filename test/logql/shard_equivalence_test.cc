#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "logql/engine.h"
#include "logql/field_stats_query.h"
#include "logql/parser.h"
#include "support/matchers.h"
#include "support/memory_source.h"
#include "support/time_units.h"

// One stream read by one thread from beginning to end, and by several in parts of time: the answers
// must be the same.

namespace skald::logql {
namespace {

using test::IsOk;
using test::kSecond;
using test::MemorySource;

// Counts the parts of scans that are opened, and who reads them. May hold readers back, those of
// the first `alone` parts excepted, until there have been some.
class WatchedSource final : public LogSource {
 public:
  explicit WatchedSource(LogSource& base) : base_(base) {}

  void WaitForReaders(size_t readers, size_t alone) {
    readers_ = readers;
    alone_ = alone;
  }

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override {
    SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, base_.Select(request, context));
    for (auto& scan : scans) scan = std::make_unique<Scan>(*this, std::move(scan));
    return scans;
  }

  size_t parts() {
    const std::lock_guard lock(mutex_);
    return parts_;
  }
  size_t threads() {
    const std::lock_guard lock(mutex_);
    return threads_.size();
  }

 private:
  class Scan final : public model::StreamScan {
   public:
    Scan(WatchedSource& owner, std::unique_ptr<model::StreamScan> base)
        : owner_(owner), base_(std::move(base)) {}

    const std::shared_ptr<const model::Labels>& labels() const override { return base_->labels(); }
    int64_t first_ns() const override { return base_->first_ns(); }
    int64_t last_ns() const override { return base_->last_ns(); }
    uint64_t estimated_bytes() const override { return base_->estimated_bytes(); }
    std::vector<model::ScanSpan> Spans() const override { return base_->Spans(); }
    std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
      owner_.Arrive();
      return base_->OpenPart(part);
    }

   private:
    WatchedSource& owner_;
    const std::unique_ptr<model::StreamScan> base_;
  };

  void Arrive() {
    std::unique_lock lock(mutex_);
    threads_.insert(std::this_thread::get_id());
    arrived_.notify_all();
    if (++parts_ <= alone_) return;
    // The time is up only where the test fails.
    arrived_.wait_for(lock, std::chrono::minutes(1),
                      [this] { return threads_.size() >= readers_; });
  }

  LogSource& base_;
  size_t readers_ = 0;
  size_t alone_ = 0;
  std::mutex mutex_;
  size_t parts_ = 0;
  std::condition_variable arrived_;
  std::set<std::thread::id> threads_;
};

class ShardEquivalenceTest : public testing::Test {
 protected:
  ShardEquivalenceTest() {
    for (int i = 0; i < 3000; ++i) {
      // Some share a time, in one block or two; some are stored twice.
      const int64_t time = (i - i % 7 % 3) * kSecond;
      const std::string id = std::to_string(i * 7919 % 3000);
      const std::string line = "status=" + std::to_string(i % 5) + " took=" + id;
      source_.Add({{"app", "a"}}, time, line, model::Labels({{"id", id}}));
      if (i % 11 == 0) source_.Add({{"app", "a"}}, time, line, model::Labels({{"id", id}}));
    }
  }

  static Query MakeQuery(const std::string& text) {
    Query query;
    query.expr = *Parse(text);
    query.start_ns = 0;
    query.end_ns = 3000 * kSecond;
    query.step_ns = 100 * kSecond;
    query.min_shard_bytes = 1;
    return query;
  }

  // The answer of one thread, after it was found to be that of four as well; sets parts_.
  model::QueryResult Run(const Query& query) {
    model::ScanContext context;
    WatchedSource whole(source_);
    auto expected = Engine(whole, one_).Run(query, context);
    EXPECT_THAT(expected, IsOk());
    WatchedSource parts(source_);
    const auto actual = Engine(parts, four_).Run(query, context);
    EXPECT_THAT(actual, IsOk());
    EXPECT_EQ(whole.parts(), 1u);
    parts_ = parts.parts();
    if (expected.ok() && actual.ok()) ExpectSame(actual->data, expected->data);
    return expected.ok() ? *std::move(expected) : model::QueryResult();
  }

  static void ExpectSame(const model::ResultData& actual, const model::ResultData& expected) {
    ASSERT_EQ(actual.index(), expected.index());
    if (const auto* matrix = std::get_if<model::Matrix>(&expected)) {
      return ExpectSame(std::get<model::Matrix>(actual), *matrix);
    }
    const auto& streams = std::get<model::Streams>(expected).streams;
    const auto& others = std::get<model::Streams>(actual).streams;
    ASSERT_EQ(others.size(), streams.size());
    for (size_t s = 0; s < streams.size(); ++s) {
      EXPECT_EQ(others[s].labels, streams[s].labels);
      ASSERT_EQ(others[s].entries.size(), streams[s].entries.size());
      for (size_t i = 0; i < streams[s].entries.size(); ++i) {
        EXPECT_EQ(others[s].entries[i].time_ns, streams[s].entries[i].time_ns);
        EXPECT_EQ(others[s].entries[i].line, streams[s].entries[i].line);
      }
    }
  }

  static void ExpectSame(const model::Matrix& actual, const model::Matrix& expected) {
    ASSERT_EQ(actual.series.size(), expected.series.size());
    for (size_t s = 0; s < expected.series.size(); ++s) {
      const model::Series& series = expected.series[s];
      EXPECT_EQ(actual.series[s].labels, series.labels);
      ASSERT_EQ(actual.series[s].points.size(), series.points.size());
      for (size_t i = 0; i < series.points.size(); ++i) {
        EXPECT_EQ(actual.series[s].points[i].time_ms, series.points[i].time_ms);
        // Sums of squares differ in the last digits by the order of adding.
        EXPECT_DOUBLE_EQ(actual.series[s].points[i].value, series.points[i].value);
      }
    }
  }

  MemorySource source_{{.block_rows = {7, 40, 1}}};
  Executor one_{"one", 1};
  Executor four_{"four", 4};
  size_t parts_ = 0;  // That four threads have read.
};

TEST_F(ShardEquivalenceTest, OfAllRangeFunctions) {
  const std::string lines = R"(({app="a"} | logfmt [150s]))";
  const std::string values = R"({app="a"} | logfmt | unwrap took [150s]) by (status))";
  for (const std::string& text : std::vector<std::string>{
           "count_over_time" + lines,
           "rate" + lines,
           "bytes_over_time" + lines,
           "bytes_rate" + lines,
           "absent_over_time" + lines,
           R"(absent_over_time({app="a"} |= "took=2999" [150s]))",
           R"(count_over_time({app="a"}[1000s] offset 500s))",
           R"(sum(count_over_time({app="a"} |= "status=3" [20s])))",
           R"(count_distinct_over_time(took, {app="a"} | logfmt [150s]) by (status))",
           "avg_over_time(" + values,
           "min_over_time(" + values,
           "max_over_time(" + values,
           "stdvar_over_time(" + values,
           "stddev_over_time(" + values,
           "first_over_time(" + values,
           "last_over_time(" + values,
           "quantile_over_time(0.7, " + values,
           R"(sum_over_time({app="a"} | logfmt | unwrap took [150s]))",
           R"(rate({app="a"} | logfmt | unwrap took [150s]))",
           R"(rate_counter({app="a"} | logfmt | unwrap took [150s]))"}) {
    SCOPED_TRACE(text);
    Run(MakeQuery(text));
    EXPECT_GT(parts_, 4u);
  }
}

TEST_F(ShardEquivalenceTest, OfLogQueriesInBothDirections) {
  size_t most_parts = 0;
  for (const model::Direction direction :
       {model::Direction::kForward, model::Direction::kBackward}) {
    for (const uint32_t limit : {1, 30, 700, 5000}) {
      for (const char* text :
           {R"({app="a"})", R"({app="a"} |= "took=17")", R"({app="a"} | logfmt | status="3")",
            R"({app="a"} | logfmt | sort by took)", R"({app="a"} | logfmt | distinct status)",
            R"({app="a"} | limit 40 |= "status=1")"}) {
        SCOPED_TRACE(text + (" " + std::to_string(limit)));
        Query query = MakeQuery(text);
        query.limit = limit;
        query.direction = direction;
        Run(query);
        most_parts = std::max(most_parts, parts_);
      }
    }
  }
  EXPECT_GT(most_parts, 4u);
}

TEST_F(ShardEquivalenceTest, OfThinnedLogQueries) {
  for (const model::Direction direction :
       {model::Direction::kForward, model::Direction::kBackward}) {
    Query query = MakeQuery(R"({app="a"})");
    query.direction = direction;
    query.limit = 5000;
    query.interval_ns = 17 * kSecond;
    EXPECT_GT(std::get<model::Streams>(Run(query).data).streams.size(), 100u);
    EXPECT_GT(parts_, 4u);
  }
}

TEST_F(ShardEquivalenceTest, OfFieldStatistics) {
  std::vector<uint64_t> distinct;
  for (Executor* executor : {&one_, &four_}) {
    WatchedSource source(source_);
    model::ScanContext context;
    FieldStatsQuery query;
    query.expr = *Parse(R"({app="a"})");
    query.range = {0, 3000 * kSecond};
    query.min_shard_bytes = 1;
    const auto result = RunFieldStats(query, source, *executor, context);
    ASSERT_THAT(result, IsOk());
    EXPECT_EQ(source.parts() > 1, executor == &four_);
    EXPECT_EQ(result->lines, 3000u);
    ASSERT_EQ(result->fields.size(), 4u);
    for (const FieldStats& field : result->fields) distinct.push_back(field.distinct);
  }
  EXPECT_EQ(std::vector(distinct.begin(), distinct.begin() + 4),
            std::vector(distinct.begin() + 4, distinct.end()));
}

TEST_F(ShardEquivalenceTest, AnErrorIsThatOfTheOldestEntryThatHasOne) {
  for (int i = 0; i < 100; ++i) {
    source_.Add({{"app", "bad"}}, i * kSecond, "n=x" + std::to_string(i));
  }
  for (int run = 0; run < 20; ++run) {
    model::ScanContext context;
    const auto result =
        Engine(source_, four_)
            .Run(MakeQuery(R"(sum_over_time({app="bad"} | logfmt | unwrap n [1h]))"), context);
    EXPECT_NE(result.status().message().find("x0"), std::string_view::npos)
        << result.status().message();
  }
}

TEST_F(ShardEquivalenceTest, SeveralThreadsReadOneStreamAtOnce) {
  for (const char* text : {R"(sum(count_over_time({app="a"}[1m])))", R"({app="a"} |= "took=17")"}) {
    const Query query = MakeQuery(text);
    WatchedSource source(source_);
    // Of a log query one thread reads the nearest part before others begin with the rest.
    source.WaitForReaders(4, IsLogExpr(*query.expr) ? 1 : 0);
    model::ScanContext context;
    EXPECT_THAT(Engine(source, four_).Run(query, context), IsOk());
    EXPECT_EQ(source.threads(), 4u);
  }
}

TEST_F(ShardEquivalenceTest, WhatTheNearestPartAnswersIsAllThatIsRead) {
  WatchedSource source(source_);
  Query query = MakeQuery(R"({app="a"})");
  query.limit = 10;
  model::ScanContext context;
  EXPECT_THAT(Engine(source, four_).Run(query, context), IsOk());
  EXPECT_EQ(source.parts(), 1u);
}

}  // namespace
}  // namespace skald::logql

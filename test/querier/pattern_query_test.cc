#include "querier/pattern_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "logql/parser.h"
#include "patterns/pattern_entry.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/memory_source.h"
#include "support/time_units.h"

namespace skald::querier {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::kHour;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PatternQueryTest : public testing::Test {
 protected:
  PatternQueryTest() {
    Add(store_, "x", 2);
    Add(store_, "y", 3);
  }

  void Add(patterns::PatternStore& store, const std::string& tenant, size_t lines,
           std::string_view line = "a line") {
    model::PushBatch batch;
    batch.entries.assign(lines, {.time_ns = clock_.NowNs(), .line = line});
    const auto labels = std::make_shared<const model::Labels>(model::Labels{{"app", "a"}});
    batch.streams.push_back({.labels = labels,
                             .fingerprint = labels->Hash(),
                             .entry_count = static_cast<uint32_t>(lines)});
    store.Add(model::TenantId(tenant), batch);
  }

  // As if a process had written an entry down; `minute` from an hour ago on.
  void Write(int64_t minute, patterns::PatternEntry entry, const model::Labels& labels = kLabels) {
    entry.seconds = (clock_.NowNs() - kHour) / 60'000'000'000 * 60 + minute * 60;
    for (patterns::PatternSample& sample : entry.samples) sample.seconds += entry.seconds;
    entry.step_seconds = 10;
    entry.level = "info";
    entry.labels = patterns::FieldsOf(labels);
    source_.Add({{"__pattern__", labels.Get("service_name")}}, entry.seconds * 1'000'000'000,
                patterns::FormatPatternEntry(entry));
  }

  // The answer as "level pattern total", for the last hours.
  std::vector<std::string> Answer(std::string_view selector, int64_t hours = 2,
                                  Limits limits = Persistent()) {
    const StaticLimits of(limits);
    const PatternQuery query(&store_, source_, of, clock_);
    const auto answer = query.Patterns({.tenants = {model::TenantId("z")},
                                        .start_ns = clock_.NowNs() - hours * kHour,
                                        .end_ns = clock_.NowNs()},
                                       *logql::ParseSelector(selector), 60'000'000'000);
    if (!answer.ok()) return {std::string(answer.status().message())};
    std::vector<std::string> texts;
    for (const patterns::PatternSeries& series : answer->patterns) {
      texts.push_back(series.level + " " + series.pattern + " " + std::to_string(series.total));
    }
    return texts;
  }

  static Limits Persistent() {
    Limits limits;
    limits.pattern_persistence_enabled = true;
    return limits;
  }

  // The total of the only pattern, 0 if there is none.
  Result<uint64_t> Total(const std::vector<std::string>& tenants, std::string_view selector,
                         const Limits& limits = {}) {
    const StaticLimits source(limits);
    const PatternQuery query(&store_, source_, source, clock_);
    MetadataRequest request{.start_ns = clock_.NowNs() - kHour, .end_ns = clock_.NowNs()};
    for (const std::string& tenant : tenants) request.tenants.emplace_back(tenant);
    SKALD_ASSIGN_OR_RETURN(const auto answer,
                           query.Patterns(request, *logql::ParseSelector(selector), kHour));
    return answer.patterns.empty() ? 0 : answer.patterns.front().total;
  }

  static inline const model::Labels kLabels = {{"app", "a"}, {"service_name", "svc"}};
  test::ManualClock clock_;
  test::MemorySource source_;
  const StaticLimits persistent_{Persistent()};
  patterns::PatternStore store_{{.min_total = 1}, persistent_, clock_};
};

TEST_F(PatternQueryTest, AddsUpTheTenantsOfTheRequest) {
  EXPECT_EQ(*Total({"x"}, R"({app="a"})"), 2u);
  EXPECT_EQ(*Total({"x", "y"}, R"({app="a"})"), 5u);
  EXPECT_EQ(*Total({"x", "y"}, R"({app="a", __tenant_id__="y"})"), 3u);
  EXPECT_EQ(*Total({"x"}, R"({app="b"})"), 0u);
}

TEST_F(PatternQueryTest, HoldsItsTenantsLimits) {
  Limits limits;
  limits.required_labels = {"cluster"};
  EXPECT_THAT(Total({"x"}, R"({app="a"})", limits),
              HasMessage(HasSubstr("missing required matchers [cluster]")));
  limits = Limits();
  limits.max_query_length = std::chrono::minutes(1);
  EXPECT_THAT(Total({"x"}, R"({app="a"})", limits), HasCode(StatusCode::kResourceExhausted));
}

TEST_F(PatternQueryTest, IsOffWithoutAStore) {
  const StaticLimits limits{Limits()};
  EXPECT_FALSE(PatternQuery(nullptr, source_, limits, clock_).enabled());
}

TEST_F(PatternQueryTest, AddsWhatOtherProcessesHaveWritten) {
  Write(0,
        {.samples = {{0, 2}, {50, 1}}, .origin = {.run = 7, .id = 1, .batch = 1}, .pattern = "p"});
  Write(5, {.samples = {{10, 4}}, .origin = {.run = 7, .id = 1, .batch = 2}, .pattern = "p"});
  Write(5, {.samples = {{10, 1}}, .origin = {.run = 8, .id = 1, .batch = 1}, .pattern = "p"});
  Write(5, {.samples = {{10, 1}}, .origin = {.run = 8, .id = 2, .batch = 1}, .pattern = "q"});
  EXPECT_THAT(Answer(R"({app="a"})"), ElementsAre("info p 8", "info q 1"));
  EXPECT_THAT(Answer(R"({service_name="svc"})"), ElementsAre("info p 8", "info q 1"));
  EXPECT_THAT(Answer(R"({app="a", service_name!="svc"})"), IsEmpty());
  EXPECT_THAT(Answer(R"({service_name="svc", app="b"})"), IsEmpty());
  EXPECT_THAT(Answer(R"({app="a"})", 0), IsEmpty());
  EXPECT_THAT(Answer(R"({app="a"})", 2, Limits()), IsEmpty());
}

TEST_F(PatternQueryTest, ShowsAPatternAsItWasWrittenLast) {
  Write(0, {.samples = {{0, 2}}, .origin = {.run = 7, .id = 1, .batch = 1}, .pattern = "user 1"});
  Write(1, {.samples = {{0, 3}}, .origin = {.run = 7, .id = 1, .batch = 2}, .pattern = "user <_>"});
  EXPECT_THAT(Answer(R"({app="a"})"), ElementsAre("info user <_> 5"));
}

TEST_F(PatternQueryTest, FindsSamplesOfEntriesFromBeforeTheRange) {
  Write(-1, {.samples = {{0, 2}, {50, 3}}, .origin = {.run = 7}, .pattern = "p"});
  const int64_t start = ((clock_.NowNs() - kHour) / 60'000'000'000 * 60 - 10) * 1'000'000'000;
  const PatternQuery query(&store_, source_, persistent_, clock_);
  const auto answer = query.Patterns(
      {.tenants = {model::TenantId("z")}, .start_ns = start, .end_ns = clock_.NowNs()},
      *logql::ParseSelector(R"({app="a"})"), kHour);
  ASSERT_THAT(answer, IsOk());
  ASSERT_EQ(answer->patterns.size(), 1u);
  EXPECT_EQ(answer->patterns.front().total, 3u);
}

TEST_F(PatternQueryTest, PassesOverLinesThatAreNoEntries) {
  const int64_t now_ns = clock_.NowNs();
  source_.Add({{"__pattern__", "svc"}}, now_ns - 1, "what somebody pushed");
  source_.Add({{"__pattern__", "svc"}}, now_ns - 2, "");
  EXPECT_THAT(Answer(R"({app="a"})"), IsEmpty());
}

TEST_F(PatternQueryTest, DoesNotCountTwiceWhatMemoryHas) {
  Add(store_, "z", 4);
  const auto batch = store_.TakeUnwritten(model::TenantId("z"));
  ASSERT_NE(batch, nullptr);
  Write(59, {.samples = {{0, 4}},
             .origin = {.run = batch->run, .id = batch->counts[0].id, .batch = batch->number},
             .pattern = "a line"});
  EXPECT_THAT(Answer(R"({app="a"})"), ElementsAre("unknown a line 4"));
  store_.SetWritten(model::TenantId("z"));
  EXPECT_THAT(Answer(R"({app="a"})"), ElementsAre("unknown a line 4"));
}

TEST_F(PatternQueryTest, CountsWhatWasWrittenAndMemoryForgot) {
  struct Deleted final : patterns::DeletedLines {
    explicit Deleted(model::TimeRange of) : time(of) {}
    model::TimeRange range() const override { return time; }
    bool HasStream(const model::Labels&) const override { return true; }
    bool MayHave(const model::Labels&, std::string_view, std::string_view) const override {
      return true;
    }
    const model::TimeRange time;
  };
  Add(store_, "z", 4);
  clock_.Advance(std::chrono::minutes(1));
  Add(store_, "z", 3);
  const auto batch = store_.TakeUnwritten(model::TenantId("z"));
  ASSERT_NE(batch, nullptr);
  const patterns::UnwrittenCounts& counts = batch->counts.at(0);
  ASSERT_EQ(counts.counts.size(), 2u);
  const int64_t hour_ago = (clock_.NowNs() - kHour) / 60'000'000'000 * 60;
  patterns::PatternEntry entry{
      .origin = {.run = batch->run, .id = counts.id, .batch = batch->number}, .pattern = "a line"};
  for (const auto& count : counts.counts) {
    entry.samples.push_back({count.seconds() - hour_ago, count.count});
  }
  Write(0, entry);
  store_.SetWritten(model::TenantId("z"));
  EXPECT_THAT(Answer(R"({app="a"})"), ElementsAre("unknown a line 7"));
  store_.Forget(model::TenantId("z"), Deleted({0, clock_.NowNs() - 30'000'000'000}));
  EXPECT_THAT(Answer(R"({app="a"})"), ElementsAre("info a line 4", "unknown a line 3"));
}

TEST_F(PatternQueryTest, EndsWhereTheAnswerWouldTakeTooMuchMemory) {
  Limits limits = Persistent();
  limits.max_query_held_bytes = 100;
  Write(0, {.samples = {{0, 2}, {50, 1}}, .origin = {.run = 7}, .pattern = "p"});
  EXPECT_THAT(Answer(R"({app="a"})", 2, limits),
              ElementsAre(HasSubstr("limits_config.max_query_held_bytes")));
}

}  // namespace
}  // namespace skald::querier

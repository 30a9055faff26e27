#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/index_fixture.h"
#include "chunkstore/test_entries.h"
#include "support/expiring_clock.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::Labels;
using model::Matcher;
using model::Matchers;
using model::MatchOp;
using model::TimeRange;
using test::IsOk;
using test::kStartNs;
using testing::ElementsAre;

// So many streams that postings and labels are read in their order.
class LargePostingsTest : public IndexFixture {
 protected:
  LargePostingsTest() { Reopen(); }

  void Add(Labels labels, int64_t first_ns = kStartNs) {
    auto shared = std::make_shared<const Labels>(std::move(labels));
    const model::Fingerprint fingerprint = shared->Hash();
    chunks_.push_back({.tenant = kTenant,
                       .labels = std::move(shared),
                       .fingerprint = fingerprint,
                       .ref = {.pack = "packs/1",
                               .offset = 8 + chunks_.size(),
                               .summary = {.min_time = first_ns, .max_time = first_ns + 10}}});
  }
  void CommitAdded() {
    ASSERT_THAT(index_->Commit({.chunks = chunks_, .watermarks = {}}), IsOk());
    chunks_.clear();
  }

  std::vector<std::string> Values(std::string_view name, const Matchers& matchers,
                                  TimeRange range = TimeRange::All()) {
    const auto values = index_->LabelValues(kTenant, name, matchers, range);
    EXPECT_THAT(values, IsOk());
    return {values->begin(), values->end()};
  }
  std::vector<Labels> Series(const Matchers& matchers, TimeRange range = TimeRange::All()) {
    const auto series = index_->Series(kTenant, matchers, range);
    EXPECT_THAT(series, IsOk());
    return {series->begin(), series->end()};
  }

  // How often a lookup of values looks at its token.
  int LooksOf(std::string_view name, const Matchers& matchers) {
    const test::ExpiringClock clock(1'000'000);
    const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
    EXPECT_THAT(index_->LabelValues(kTenant, name, matchers, TimeRange::All(), cancel), IsOk());
    return clock.asked();
  }

  std::vector<CommittedChunk> chunks_;
};

// Ids of twenty digits: postings of many blocks, so that they are cut in pieces.
TEST_F(LargePostingsTest, ListsWhatMatchesOfManySeries) {
  std::mt19937_64 random(7);
  std::vector<std::string> odd;
  std::vector<Labels> odd_series;
  for (int i = 0; i < 40'000; ++i) {
    const std::string id = std::to_string(10'000'000'000'000'000'000u + random() % (1ull << 62));
    const Labels labels{{"app", "a"}, {"id", id}};
    Add(labels);
    if ((id.back() - '0') % 2 == 0) continue;
    odd.push_back(id);
    odd_series.push_back(labels);
  }
  Add({{"app", "late"}, {"id", odd.front()}}, kStartNs + 1000);
  std::ranges::sort(odd);
  std::ranges::sort(odd_series);
  CommitAdded();
  const auto by_id = Match(MatchOp::kRegex, "id", ".*[13579]");
  const auto not_even = Match(MatchOp::kNotRegex, "id", ".*[02468]");
  const auto by_app = Match(MatchOp::kEqual, "app", "a");
  const TimeRange range{kStartNs, kStartNs + 100};
  Executor workers("lookups", 2);
  std::vector<int> looks;  // More where a search for where to cut comes first.
  for (Executor* const helpers : {static_cast<Executor*>(nullptr), &workers}) {
    Reopen({.lookups = helpers});
    for (const Matchers& matchers :
         {Matchers{by_id}, {by_app, by_id}, {not_even}, {by_app, not_even}}) {
      SCOPED_TRACE(ToString(matchers));
      EXPECT_EQ(Values("id", matchers, range), odd);
      EXPECT_EQ(Series(matchers, range), odd_series);
    }
    EXPECT_EQ(Series({}, range).size(), 40'000u);
    EXPECT_EQ(Series({}).size(), 40'001u);
    EXPECT_THAT(Values("app", {by_id}, range), ElementsAre("a", "late"));
    looks.push_back(LooksOf("id", {by_app, by_id}));
  }
  EXPECT_GT(looks[1], looks[0] + 10);
}

// The series of one value are in two containers, among other values' in both.
TEST_F(LargePostingsTest, AValueOfManySeriesIsListedOnceAndHasAllOfThem) {
  std::vector<Labels> streams;
  for (int i = 0; i < 69'000; ++i) {
    const std::string n = std::to_string(100'000 + i);
    streams.push_back({{"app", i % 23 == 0 ? "x" + n : "big"}, {"n", n}});
    Add(streams.back());
  }
  CommitAdded();
  const auto matching = [&](const Matcher& matcher) {
    std::vector<Labels> found;
    for (const Labels& labels : streams) {
      if (MatchesAll({matcher}, labels)) found.push_back(labels);
    }
    std::ranges::sort(found);
    return found;
  };
  // All of the first container and some of both; some of the second alone.
  for (const std::string_view some : {"1[0-5].*", "16[5-8].*", "16[678].*"}) {
    const auto by_n = Match(MatchOp::kRegex, "n", some);
    std::set<std::string> apps;
    for (const Labels& labels : matching(by_n)) apps.emplace(labels.Get("app"));
    EXPECT_EQ(Values("app", {by_n}), std::vector<std::string>(apps.begin(), apps.end())) << some;
  }
  for (const MatchOp op : {MatchOp::kRegex, MatchOp::kNotRegex}) {
    const auto by_app = Match(op, "app", ".*[g0-8]");
    const std::vector<Labels> expected = matching(by_app);
    EXPECT_GT(expected.size(), 200u);
    EXPECT_TRUE(Series({by_app}) == expected);
  }
  EXPECT_EQ(Series({Match(MatchOp::kEqual, "app", "big")}).size(), 66'000u);
}

}  // namespace
}  // namespace skald::chunkstore

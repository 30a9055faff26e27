#include "patterns/pattern_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics.h"
#include "patterns/pattern_store_fixture.h"
#include "support/time_units.h"

namespace skald::patterns {
namespace {

using test::kHour;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class PatternStoreTest : public PatternStoreFixture {};

TEST_F(PatternStoreTest, CountsPatternsByTimeAndLevel) {
  PatternStore store({}, limits_, clock_);
  Add(store, "t", app_, now_, {"code 1", "code 2"}, "error");
  Add(store, "t", app_, now_ - 20 * kSecond, {"code 3"}, "error");
  Add(store, "t", app_, now_, {"code 4"});
  EXPECT_THAT(Patterns(store), ElementsAre("error code <_> -20:1 0:2", "unknown code 4 0:1"));
}

TEST_F(PatternStoreTest, RoundsTimesDownToTheStep) {
  PatternStore store({}, limits_, clock_);
  const int64_t minute = now_ - now_ % (60 * kSecond);
  for (const int64_t at : {0, 10, 59, 60, 125}) {
    Add(store, "t", app_, minute - 600 * kSecond + at * kSecond, {"a"});
  }
  const int64_t from = (minute - now_) / kSecond - 600;
  EXPECT_THAT(Patterns(store, "t", {}, 60 * kSecond),
              ElementsAre("unknown a " + std::to_string(from) + ":3 " + std::to_string(from + 60) +
                          ":1 " + std::to_string(from + 120) + ":1"));
}

TEST_F(PatternStoreTest, AnswersOnlyForTheTimeAskedFor) {
  PatternStore store({}, limits_, clock_);
  for (const int64_t at : {-30, -20, -10, 0}) Add(store, "t", app_, now_ + at * kSecond, {"a"});
  const auto found =
      store.Select(model::TenantId("t"), {}, {now_ - 15 * kSecond, now_}, 10 * kSecond);
  EXPECT_THAT(Dump(found), ElementsAre("unknown a -20:1 -10:1"));
}

TEST_F(PatternStoreTest, KeepsTenantsApartAndPutsStreamsTogether) {
  PatternStore store({}, limits_, clock_);
  Add(store, "t", {{"app", "a"}, {"n", "1"}}, now_, {"x"});
  Add(store, "t", {{"app", "a"}, {"n", "2"}}, now_, {"x", "x"});
  Add(store, "u", app_, now_, {"y"});
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:3"));
  EXPECT_THAT(Patterns(store, "t", Match("n", "2")), ElementsAre("unknown x 0:2"));
  EXPECT_THAT(Patterns(store, "t", Match("n", "3")), IsEmpty());
  EXPECT_THAT(Patterns(store, "u"), ElementsAre("unknown y 0:1"));
  EXPECT_THAT(Patterns(store, "nobody"), IsEmpty());
}

TEST_F(PatternStoreTest, PassesOverWhatIsTooOldOrTooFarAhead) {
  PatternStore store({}, limits_, clock_);
  Add(store, "t", app_, now_ - 4 * kHour, {"old"});
  Add(store, "t", app_, now_ + 2 * kHour, {"ahead"});
  Add(store, "t", app_, -5, {"before the epoch"});
  EXPECT_THAT(Patterns(store), IsEmpty());
}

TEST_F(PatternStoreTest, ForgetsWhatGrowsOld) {
  PatternStore store({}, limits_, clock_);
  Add(store, "t", app_, now_, {"a"});
  Add(store, "t", app_, now_ + 1800 * kSecond, {"b"});
  clock_.Advance(std::chrono::minutes(195));
  store.Sweep();
  EXPECT_THAT(Patterns(store), ElementsAre("unknown b 1800:1"));
  clock_.Advance(std::chrono::minutes(30));
  store.Sweep();
  EXPECT_THAT(Patterns(store), IsEmpty());
  EXPECT_EQ(store.memory_bytes(), 0u);
}

TEST_F(PatternStoreTest, PassesOverStreamsOfTheSystemItself) {
  PatternStore store({}, limits_, clock_);
  Add(store, "t", {{"__aggregated_metric__", "a"}}, now_, {"x"});
  Add(store, "t", {{"__pattern__", "a"}}, now_, {"x"});
  EXPECT_THAT(Patterns(store), IsEmpty());
}

TEST_F(PatternStoreTest, CountsALineForThoseThatItSkips) {
  PatternStore store({}, limits_, clock_);
  Add(store, "t", app_, now_, std::vector<std::string>(64, "x"), "", 8);
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:64"));
  Add(store, "u", app_, now_, std::vector<std::string>(3, "x"), "", 8);
  EXPECT_THAT(Patterns(store, "u"), ElementsAre("unknown x 0:24"));
  Add(store, "u", app_, now_, std::vector<std::string>(61, "x"), "", 8);
  EXPECT_THAT(Patterns(store, "u"), ElementsAre("unknown x 0:64"));
}

TEST_F(PatternStoreTest, ForgetsTheStreamsFedLongestAgoWhenMemoryIsFull) {
  PatternStore::Options options;
  options.memory_bytes = 100'000;
  PatternStore store(options, limits_, clock_);
  for (int i = 0; i < 1000; ++i) {
    clock_.Advance(std::chrono::milliseconds(1));
    Add(store, "t", {{"app", std::to_string(i)}}, now_, {"line of its own"});
    ASSERT_LE(store.memory_bytes(), options.memory_bytes);
  }
  EXPECT_THAT(Patterns(store, "t", Match("app", "0")), IsEmpty());
  EXPECT_THAT(Patterns(store, "t", Match("app", "999")), SizeIs(1));
}

TEST_F(PatternStoreTest, ShowsItsMemoryAndTheStreamsForgottenAsMetrics) {
  const Gauge memory =
      Metrics::GetGauge("loki_pattern_ingester_memory_bytes",
                        "Memory that patterns take (pattern_ingester.memory_bytes).");
  const Counter forgotten =
      Metrics::GetCounter("loki_pattern_ingester_streams_forgotten_total",
                          "Streams whose patterns made room for those of others.");
  PatternStore::Options options;
  options.memory_bytes = 100'000;
  PatternStore store(options, limits_, clock_);
  const double before = forgotten.value();
  for (int i = 0; i < 1000; ++i) Add(store, "t", {{"app", std::to_string(i)}}, now_, {"x"});
  EXPECT_EQ(memory.value(), static_cast<double>(store.memory_bytes()));
  EXPECT_EQ(forgotten.value() - before, static_cast<double>(1000 - Series(store)));
}

TEST_F(PatternStoreTest, KeepsFewLevelsApart) {
  PatternStore store({}, limits_, clock_);
  for (int i = 0; i < 100; ++i) Add(store, "t", app_, now_, {"x"}, "level" + std::to_string(i));
  const auto all = Patterns(store);
  EXPECT_THAT(all, SizeIs(16));
  EXPECT_EQ(all.front(), "unknown x 0:85");
}

TEST_F(PatternStoreTest, CutsUpTextsOfTheTenantsJsonFields) {
  Limits limits;
  limits.pattern_ingester_tokenizable_json_fields_append = "note";
  limits.pattern_ingester_tokenizable_json_fields_delete = "msg";
  const StaticLimits source(limits);
  PatternStore store({}, source, clock_);
  Add(store, "t", app_, now_, {R"({"msg":"x 1","note":"a 1"})", R"({"msg":"y 2","note":"a 2"})"});
  EXPECT_THAT(Patterns(store), ElementsAre(R"(unknown {"msg":"<_>","note":"a <_>"} 0:2)"));
}

// Of tenants whose patterns are written down.
class UnwrittenPatternsTest : public PatternStoreFixture {};

TEST_F(UnwrittenPatternsTest, AreTheCountsSinceTheLastBatch) {
  PatternStore store({}, persistent_, clock_);
  Add(store, "t", app_, now_, {"x", "x"});
  Add(store, "t", app_, now_ + 10 * kSecond, {"x"});
  EXPECT_THAT(store.Unwritten(), ElementsAre(tenant_));
  EXPECT_THAT(Take(store), ElementsAre("x 0:2 1:1"));
  store.SetWritten(tenant_);
  EXPECT_THAT(Take(store), IsEmpty());
  Add(store, "t", app_, now_, {"x"});
  EXPECT_THAT(Take(store), ElementsAre("x 0:1"));
  EXPECT_THAT(Take(store, "nobody"), IsEmpty());
}

TEST_F(UnwrittenPatternsTest, AreTheSameBatchUntilThatIsWritten) {
  PatternStore store({}, persistent_, clock_);
  Add(store, "t", app_, now_, {"x"});
  const auto first = store.TakeUnwritten(tenant_);
  Add(store, "t", app_, now_, {"x", "x"});
  EXPECT_EQ(store.TakeUnwritten(tenant_), first);
  store.SetWritten(tenant_);
  EXPECT_THAT(Take(store), ElementsAre("x 0:2"));
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:3"));
}

TEST_F(UnwrittenPatternsTest, AreNotKeptForTenantsWithoutPersistence) {
  PatternStore store({}, limits_, clock_);
  Add(store, "t", app_, now_, {"x"});
  EXPECT_THAT(store.Unwritten(), IsEmpty());
  EXPECT_THAT(Take(store), IsEmpty());
}

TEST_F(UnwrittenPatternsTest, OutliveTheirPattern) {
  PatternStore::Options options;
  options.drain.max_clusters = 1;
  options.drain.max_eviction_ratio = 1;
  PatternStore store(options, persistent_, clock_);
  Add(store, "t", app_, now_, {"displaced"});
  Add(store, "t", app_, now_, {"too old"});
  EXPECT_THAT(Patterns(store), ElementsAre("unknown displaced 0:1", "unknown too old 0:1"));
  clock_.Advance(std::chrono::hours(4));
  store.Sweep();
  EXPECT_THAT(Patterns(store), ElementsAre("unknown displaced 0:1", "unknown too old 0:1"));
  EXPECT_THAT(Take(store), ElementsAre("displaced 0:1", "too old 0:1"));
  EXPECT_THAT(Patterns(store), SizeIs(2));
  store.SetWritten(tenant_);
  EXPECT_THAT(Patterns(store), IsEmpty());
  store.Sweep();
  EXPECT_THAT(store.Unwritten(), IsEmpty());
}

TEST_F(UnwrittenPatternsTest, OutliveTheirStreamWhenMemoryIsFull) {
  PatternStore::Options options;
  options.memory_bytes = 50'000;
  PatternStore store(options, persistent_, clock_);
  for (int i = 0; i < 200; ++i) {
    clock_.Advance(std::chrono::milliseconds(1));
    Add(store, "t", {{"app", std::to_string(i)}}, now_, {"line of its own"});
  }
  EXPECT_LE(store.memory_bytes(), options.memory_bytes);
  EXPECT_THAT(Take(store), SizeIs(200));
}

// Whatever the order of writing, forgetting and asking, each count is told of once: by memory, or
// by what was written and memory does not have.
TEST_F(UnwrittenPatternsTest, AreCountedOnceWithThoseInMemory) {
  PatternStore::Options options;
  options.drain.max_clusters = 3;
  options.drain.max_eviction_ratio = 1;
  PatternStore store(options, persistent_, clock_);
  std::vector<std::pair<CountOrigin, PatternSample>> written;
  const auto write = [&](const UnwrittenBatch& batch) {
    for (const UnwrittenCounts& counts : batch.counts) {
      for (const StepCounts::Count& count : counts.counts) {
        written.push_back({{.run = batch.run, .id = counts.id, .batch = batch.number},
                           {count.seconds(), count.count}});
      }
    }
  };
  uint64_t random = 20261129;
  uint64_t added = 0;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const uint64_t r = random >> 33;
    if (r % 16 < 10) {
      const int64_t back = static_cast<int64_t>(r / 16 % 9000);
      Add(store, "t", app_, clock_.NowNs() - back * kSecond, {std::string(1, "abcde"[r / 7 % 5])});
      ++added;
    } else if (r % 16 < 12) {
      if (const auto batch = store.TakeUnwritten(tenant_); batch != nullptr) {
        write(*batch);
        if (r % 3 != 0) {
          store.SetWritten(tenant_);
        } else {  // Stored, but not known to be: the same comes again, and is dropped as equal.
          EXPECT_EQ(store.TakeUnwritten(tenant_), batch);
          store.SetWritten(tenant_);
        }
      }
    } else if (r % 16 < 14) {
      clock_.Advance(std::chrono::seconds(r / 16 % 300));
      store.Sweep();
    } else {
      const HeldPatterns held = store.Select(tenant_, {}, model::TimeRange::All(), 10 * kSecond);
      uint64_t total = 0;
      for (const PatternSeries& series : held.series) total += series.total;
      for (const auto& [origin, sample] : written) {
        if (!held.counts.Has(origin, sample.seconds, 10)) total += sample.count;
      }
      ASSERT_EQ(total, added) << "step " << i;
    }
  }
}

}  // namespace
}  // namespace skald::patterns

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "patterns/pattern_store.h"
#include "patterns/pattern_store_fixture.h"
#include "querier/hidden_before.h"

namespace skald::patterns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Of streams with app="a": lines in the range, of patterns that have the text.
class Deleted final : public DeletedLines {
 public:
  explicit Deleted(model::TimeRange range, std::string text = "")
      : range_(range), text_(std::move(text)) {}

  model::TimeRange range() const override { return range_; }
  bool HasStream(const model::Labels& stream) const override { return stream.Get("app") == "a"; }
  bool MayHave(const model::Labels&, std::string_view, std::string_view pattern) const override {
    return pattern.find(text_) != std::string_view::npos;
  }

 private:
  const model::TimeRange range_;
  const std::string text_;
};

// Hides nothing, and counts the lines that it is asked of.
class Asked final : public model::EntryFilterSource {
 public:
  std::shared_ptr<const model::EntryFilters> Of(const model::TenantId&) const override {
    return std::make_shared<Filters>(lines_);
  }
  int lines() const { return *lines_; }

 private:
  struct Filter final : model::EntryFilter {
    explicit Filter(std::shared_ptr<int> of) : lines(std::move(of)) {}
    Status Apply(model::LogBatch& batch) override {
      *lines += static_cast<int>(batch.selection.size());
      return {};
    }
    const std::shared_ptr<int> lines;
  };
  struct Filters final : model::EntryFilters {
    explicit Filters(std::shared_ptr<int> of) : lines(std::move(of)) {}
    std::unique_ptr<model::EntryFilter> For(const model::Labels&, int64_t, int64_t) const override {
      return std::make_unique<Filter>(lines);
    }
    const std::shared_ptr<int> lines;
  };

  const std::shared_ptr<int> lines_ = std::make_shared<int>(0);
};

class PatternStoreForgetTest : public PatternStoreFixture {
 protected:
  static Deleted Everything() { return Deleted(model::TimeRange::All()); }

  // Of the only pattern in the batch.
  static CountOrigin OriginOf(const UnwrittenBatch& batch) {
    return {.run = batch.run, .id = batch.counts.at(0).id, .batch = batch.number};
  }

  // Writes a batch of one pattern.
  CountOrigin WriteOne(PatternStore& store) {
    const CountOrigin origin = OriginOf(*store.TakeUnwritten(tenant_));
    store.SetWritten(tenant_);
    return origin;
  }

  // Of the last three steps, from now on in seconds, those whose written counts memory has.
  std::vector<int64_t> Held(const PatternStore& store, const CountOrigin& origin) const {
    const HeldCounts held = store.Select(tenant_, {}, model::TimeRange::All(), kSecond).counts;
    std::vector<int64_t> seconds{-20, -10, 0};
    std::erase_if(seconds,
                  [&](int64_t s) { return !held.Has(origin, step_ns_ / kSecond + s, 10); });
    return seconds;
  }

  const int64_t step_ns_ = now_ - now_ % (10 * kSecond);
};

TEST_F(PatternStoreForgetTest, ForgetsTheStepsThatHaveSomethingOfTheTime) {
  PatternStore store({}, limits_, clock_);
  for (const int64_t at : {-30, -20, -10, 0}) Add(store, "t", app_, step_ns_ + at * kSecond, {"x"});
  const std::vector<std::string> all = Patterns(store);
  store.Forget(tenant_, Deleted({step_ns_ - 10 * kSecond, step_ns_ - 10 * kSecond}));
  EXPECT_EQ(Patterns(store), all) << "of no time";
  store.Forget(tenant_, Deleted({step_ns_ - 11 * kSecond, step_ns_ - 10 * kSecond + 1}));
  const int64_t from = (step_ns_ - now_) / kSecond;
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x " + std::to_string(from - 30) + ":1 " +
                                           std::to_string(from) + ":1"));
}

TEST_F(PatternStoreForgetTest, ForgetsPatternsOfWhichNothingIsLeft) {
  PatternStore store({}, limits_, clock_);
  const size_t empty = store.memory_bytes();
  Add(store, "t", app_, now_, {"x", "secret"}, "error");
  store.Forget(tenant_, Deleted(model::TimeRange::All(), "secret"));
  EXPECT_THAT(Patterns(store), ElementsAre("error x 0:1"));
  store.Forget(tenant_, Everything());
  EXPECT_THAT(Patterns(store), IsEmpty());
  EXPECT_EQ(store.memory_bytes(), empty);
  Add(store, "t", app_, now_, {"secret"});
  EXPECT_THAT(Patterns(store), ElementsAre("unknown secret 0:1")) << "it is counted anew";
}

TEST_F(PatternStoreForgetTest, LeavesOtherStreamsAndTenantsAlone) {
  PatternStore store({}, limits_, clock_);
  Add(store, "t", {{"app", "b"}}, now_, {"x"});
  Add(store, "u", app_, now_, {"x"});
  store.Forget(tenant_, Everything());
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:1"));
  EXPECT_THAT(Patterns(store, "u"), ElementsAre("unknown x 0:1"));
}

TEST_F(PatternStoreForgetTest, ForgetsWhatIsToBeWritten) {
  PatternStore store({}, persistent_, clock_);
  Add(store, "t", app_, now_, {"x", "secret"});
  Add(store, "t", app_, now_ + 20 * kSecond, {"secret"});
  store.Forget(tenant_, Deleted({0, now_ + 10 * kSecond}, "secret"));
  EXPECT_THAT(Take(store), ElementsAre("x 0:1", "secret 2:1"));
}

TEST_F(PatternStoreForgetTest, ForgetsWhatWaitsInABatch) {
  PatternStore store({}, persistent_, clock_);
  Add(store, "t", app_, now_, {"x", "secret"});
  const auto before = store.TakeUnwritten(tenant_);
  ASSERT_NE(before, nullptr);
  store.Forget(tenant_, Deleted(model::TimeRange::All(), "secret"));
  EXPECT_THAT(Take(store), ElementsAre("x 0:1"));
  EXPECT_EQ(store.TakeUnwritten(tenant_)->number, before->number);
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:1"));
}

TEST_F(PatternStoreForgetTest, ForgetsWhatPatternsThatAreGoneHaveLeft) {
  PatternStore::Options options;
  options.drain.max_clusters = 1;
  options.drain.max_eviction_ratio = 1;
  PatternStore store(options, persistent_, clock_);
  Add(store, "t", app_, now_, {"secret"});
  Add(store, "t", app_, now_, {"x"});
  ASSERT_THAT(Patterns(store), ElementsAre("unknown secret 0:1", "unknown x 0:1"));
  store.Forget(tenant_, Deleted(model::TimeRange::All(), "secret"));
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:1"));
  EXPECT_THAT(Take(store), ElementsAre("x 0:1"));
}

// A request may be cancelled, and entries that it does not mean are seen all the time.
TEST_F(PatternStoreForgetTest, HasNotWhatWasWrittenAndIsForgotten) {
  PatternStore store({}, persistent_, clock_);
  for (const int64_t at : {-20, -10, 0}) Add(store, "t", app_, step_ns_ + at * kSecond, {"x"});
  const CountOrigin origin = WriteOne(store);
  EXPECT_THAT(Held(store, origin), ElementsAre(-20, -10, 0));
  store.Forget(tenant_, Deleted({step_ns_ - 10 * kSecond, step_ns_}));
  EXPECT_THAT(Held(store, origin), ElementsAre(-20, 0));
  store.Forget(tenant_, Deleted({step_ns_ - 20 * kSecond, step_ns_}));
  EXPECT_THAT(Held(store, origin), ElementsAre(0));
  store.Forget(tenant_, Everything());
  EXPECT_THAT(Held(store, origin), IsEmpty());
}

TEST_F(PatternStoreForgetTest, HasWhatIsCountedLater) {
  PatternStore store({}, persistent_, clock_);
  for (const int64_t at : {-10, 0}) Add(store, "t", app_, step_ns_ + at * kSecond, {"x"});
  const CountOrigin before = WriteOne(store);
  store.Forget(tenant_, Deleted({0, step_ns_}));
  Add(store, "t", app_, step_ns_ - 10 * kSecond, {"x"});
  const CountOrigin later = WriteOne(store);
  EXPECT_EQ(later.id, before.id);
  EXPECT_THAT(Held(store, before), ElementsAre(0));
  EXPECT_THAT(Held(store, later), ElementsAre(-20, -10, 0));
}

TEST_F(PatternStoreForgetTest, HasLongSamplesOfWhichAPartIsLeft) {
  PatternStore store({}, persistent_, clock_);
  for (const int64_t at : {-20, -10, 0}) Add(store, "t", app_, step_ns_ + at * kSecond, {"x"});
  const CountOrigin origin = WriteOne(store);
  store.Forget(tenant_, Deleted({step_ns_ - 20 * kSecond, step_ns_}));
  const HeldCounts held = store.Select(tenant_, {}, model::TimeRange::All(), kSecond).counts;
  EXPECT_FALSE(held.Has(origin, step_ns_ / kSecond - 20, 20));
  EXPECT_TRUE(held.Has(origin, step_ns_ / kSecond - 20, 30));
  EXPECT_TRUE(held.Has(origin, step_ns_ / kSecond - 30, 20));
}

// Lines of a batch may be known as a whole, while their pattern has a placeholder by now.
TEST_F(PatternStoreForgetTest, TellsOfWhatWaitsAndOnlyThePatternForgot) {
  PatternStore store({}, persistent_, clock_);
  for (const int64_t at : {-60, 0}) Add(store, "t", app_, now_ + at * kSecond, {"login ok bob"});
  const auto batch = store.TakeUnwritten(tenant_);
  ASSERT_NE(batch, nullptr);
  Add(store, "t", app_, now_, {"login ok ann"});
  ASSERT_THAT(Patterns(store), ElementsAre("unknown login ok <_> -60:1 0:2"));
  store.Forget(tenant_, Deleted({now_ - 10 * kSecond, now_ + kSecond}, "<_>"));
  EXPECT_THAT(Patterns(store),
              ElementsAre("unknown login ok <_> -60:1", "unknown login ok bob 0:1"));
  const CountOrigin origin = OriginOf(*batch);
  const auto has = [&](int64_t seconds) {
    return store.Select(tenant_, {}, model::TimeRange::All(), kSecond)
        .counts.Has(origin, (now_ / kSecond + seconds) / 10 * 10, 10);
  };
  EXPECT_TRUE(has(-60));
  EXPECT_TRUE(has(0)) << "the batch is in memory";
  store.SetWritten(tenant_);
  EXPECT_THAT(Patterns(store), ElementsAre("unknown login ok <_> -60:1"));
  EXPECT_TRUE(has(-60));
  EXPECT_FALSE(has(0));
}

TEST_F(PatternStoreForgetTest, KnowsWhatWasForgottenUntilThatIsTooOld) {
  PatternStore store({}, persistent_, clock_);
  for (const int64_t at : {-60, 0}) Add(store, "t", app_, now_ + at * kSecond, {"x"});
  const size_t before = store.memory_bytes();
  store.Forget(tenant_, Deleted({0, now_ - 30 * kSecond}));
  const auto gaps = [&] {
    return store.Select(tenant_, {}, model::TimeRange::All(), kSecond).counts.gaps.size();
  };
  EXPECT_EQ(gaps(), 1u);
  clock_.Advance(std::chrono::hours(3) - std::chrono::seconds(10));
  store.Sweep();
  EXPECT_EQ(gaps(), 0u);
  EXPECT_LT(store.memory_bytes(), before);
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:1"));
}

// Whatever the order, each count is told of once if all was written, done or not, when some were
// forgotten and nothing is hidden.
TEST_F(PatternStoreForgetTest, WhatWasWrittenIsToldOfOnce) {
  PatternStore store({}, persistent_, clock_);
  std::vector<std::pair<CountOrigin, StepCounts::Count>> written;
  uint64_t random = 20261129;
  const auto write = [&] {
    const auto batch = store.TakeUnwritten(tenant_);
    if (batch == nullptr) return;
    for (const UnwrittenCounts& counts : batch->counts) {
      for (const StepCounts::Count& count : counts.counts) {
        written.push_back({{.run = batch->run, .id = counts.id, .batch = batch->number}, count});
      }
    }
  };
  uint64_t added = 0;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const uint64_t r = random >> 33;
    const std::string line(1, "abc"[r / 7 % 3]);
    const int64_t at_ns = clock_.NowNs() - static_cast<int64_t>(r / 16 % 900) * kSecond;
    if (r % 16 < 9) {
      Add(store, "t", app_, at_ns, {line});
      ++added;
    } else if (r % 16 < 12) {
      write();
      const int64_t length = static_cast<int64_t>(r / 256 % 200) * kSecond;
      if (r % 16 == 9) store.Forget(tenant_, Deleted({at_ns, at_ns + length}, line));
      store.SetWritten(tenant_);
      if (r % 16 == 10) store.Forget(tenant_, Deleted({at_ns, at_ns + length}, line));
    } else if (r % 16 < 13) {
      clock_.Advance(std::chrono::seconds(r / 16 % 300));
      store.Sweep();
    } else {
      const HeldPatterns held = store.Select(tenant_, {}, model::TimeRange::All(), 10 * kSecond);
      uint64_t total = 0;
      for (const PatternSeries& series : held.series) total += series.total;
      for (const auto& [origin, count] : written) {
        if (!held.counts.Has(origin, count.seconds(), 10)) total += count.count;
      }
      ASSERT_EQ(total, added) << "step " << i;
    }
  }
}

TEST_F(PatternStoreForgetTest, CountsNothingThatIsHidden) {
  test::HiddenBefore hidden("t", "a");
  PatternStore store({}, persistent_, clock_, &hidden);
  hidden.HideBefore(now_);
  Add(store, "t", app_, now_ - kSecond, {"secret 1", "secret 2"}, "error");
  EXPECT_THAT(Patterns(store), IsEmpty());
  EXPECT_THAT(Take(store), IsEmpty());
  Add(store, "t", app_, now_, {"x"}, "error");
  Add(store, "t", {{"app", "b"}}, now_ - 10 * kSecond, {"y"});
  EXPECT_THAT(Patterns(store), ElementsAre("error x 0:1", "unknown y -10:1"));
}

// One line of `stride`, whatever is hidden among them.
TEST_F(PatternStoreForgetTest, CountsAsManyAsItShouldBesideThoseThatAreHidden) {
  test::HiddenBefore hidden("t", "a");
  PatternStore store({}, limits_, clock_, &hidden);
  hidden.HideBefore(now_);
  for (int i = 0; i < 1000; ++i) {
    const int64_t at_ns = now_ - (i % 2) * kSecond;
    Add(store, "t", app_, at_ns, std::vector<std::string>(100, "x"), "", 64);
  }
  const HeldPatterns held = store.Select(tenant_, {}, model::TimeRange::All(), kSecond);
  ASSERT_EQ(held.series.size(), 1u);
  EXPECT_NEAR(static_cast<double>(held.series[0].total), 50'000, 1'000);
}

TEST_F(PatternStoreForgetTest, AsksOfLinesThatItLooksAtAloneWhetherTheyAreHidden) {
  Asked asked;
  PatternStore store({}, limits_, clock_, &asked);
  std::vector<std::string> lines;
  for (int i = 0; i < 256; ++i) lines.push_back("order " + std::to_string(i));
  for (int i = 0; i < 100; ++i) Add(store, "t", app_, now_, lines, "", 64);
  EXPECT_EQ(asked.lines(), 100 * 256 / 64);
  EXPECT_THAT(Patterns(store), ElementsAre("unknown order <_> 0:25600"));
}

// Run under ThreadSanitizer as well.
TEST_F(PatternStoreForgetTest, NoLineComesInThatWasLookedAtBefore) {
  test::HiddenBefore hidden("t", "a");
  PatternStore store({}, limits_, clock_, &hidden);
  for (int round = 0; round < 50; ++round) {
    hidden.HideBefore(0);
    std::atomic<int> added = 0;
    std::atomic<bool> forgotten = false;
    std::thread pusher([&] {
      while (!forgotten) {
        Add(store, "t", app_, now_ - 60 * kSecond, {"secret"});
        ++added;
      }
    });
    while (added < 3) std::this_thread::yield();
    hidden.HideBefore(now_);
    store.Forget(tenant_, Deleted({0, now_}));
    EXPECT_THAT(Patterns(store), IsEmpty());
    const int before = added;
    while (added < before + 3) std::this_thread::yield();
    forgotten = true;
    pusher.join();
    EXPECT_THAT(Patterns(store), IsEmpty());
  }
}

}  // namespace
}  // namespace skald::patterns

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>

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

class PatternStoreForgetTest : public PatternStoreFixture {
 protected:
  static Deleted Everything() { return Deleted(model::TimeRange::All()); }

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

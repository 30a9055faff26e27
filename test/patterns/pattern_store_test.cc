#include "patterns/pattern_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/manual_clock.h"

namespace skald::patterns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;

class PatternStoreTest : public testing::Test {
 protected:
  static PatternStore::Options Options() {
    PatternStore::Options options;
    options.min_total = 1;
    return options;
  }

  // Adds `lines` at `time_ns`, with the level if it is not empty.
  void Add(PatternStore& store, const std::string& tenant, const model::Labels& labels,
           int64_t time_ns, const std::vector<std::string>& lines, const std::string& level = "",
           uint32_t stride = 1) {
    model::PushBatch batch;
    for (const std::string& line : lines) {
      batch.entries.push_back({.time_ns = time_ns,
                               .line = line,
                               .metadata_begin = static_cast<uint32_t>(batch.metadata.size()),
                               .metadata_count = level.empty() ? 0u : 1u});
      if (!level.empty()) batch.metadata.push_back({"detected_level", level});
    }
    batch.streams.push_back({.labels = std::make_shared<const model::Labels>(labels),
                             .fingerprint = labels.Hash(),
                             .entry_begin = 0,
                             .entry_count = static_cast<uint32_t>(lines.size())});
    store.Add(model::TenantId(tenant), batch, stride);
  }

  // Of all times, as "level pattern seconds:count ...", times from now on.
  std::vector<std::string> Patterns(const PatternStore& store, const std::string& tenant = "t",
                                    const model::Matchers& matchers = {},
                                    int64_t step_ns = 10 * kSecond) {
    return Dump(store.Select(model::TenantId(tenant), matchers, model::TimeRange::All(), step_ns));
  }

  std::vector<std::string> Dump(const std::vector<PatternSeries>& all) const {
    std::vector<std::string> texts;
    for (const PatternSeries& series : all) {
      std::string text = series.level + " " + series.pattern;
      for (const PatternSample& sample : series.samples) {
        text += " " + std::to_string(sample.seconds - now_ / kSecond) + ":" +
                std::to_string(sample.count);
      }
      texts.push_back(std::move(text));
    }
    return texts;
  }

  static model::Matchers Match(std::string_view name, std::string_view value) {
    return {*model::Matcher::Make(model::MatchOp::kEqual, name, value)};
  }

  test::ManualClock clock_;
  const int64_t now_ = clock_.NowNs();
  const model::Labels app_ = {{"app", "a"}};
};

TEST_F(PatternStoreTest, CountsPatternsByTimeAndLevel) {
  PatternStore store(Options(), clock_);
  Add(store, "t", app_, now_, {"code 1", "code 2"}, "error");
  Add(store, "t", app_, now_ - 20 * kSecond, {"code 3"}, "error");
  Add(store, "t", app_, now_, {"code 4"});
  EXPECT_THAT(Patterns(store), ElementsAre("error code <_> -20:1 0:2", "unknown code 4 0:1"));
}

TEST_F(PatternStoreTest, RoundsTimesDownToTheStep) {
  PatternStore store(Options(), clock_);
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
  PatternStore store(Options(), clock_);
  for (const int64_t at : {-30, -20, -10, 0}) Add(store, "t", app_, now_ + at * kSecond, {"a"});
  const auto found =
      store.Select(model::TenantId("t"), {}, {now_ - 15 * kSecond, now_}, 10 * kSecond);
  EXPECT_THAT(Dump(found), ElementsAre("unknown a -20:1 -10:1"));
}

TEST_F(PatternStoreTest, KeepsTenantsApartAndPutsStreamsTogether) {
  PatternStore store(Options(), clock_);
  Add(store, "t", {{"app", "a"}, {"n", "1"}}, now_, {"x"});
  Add(store, "t", {{"app", "a"}, {"n", "2"}}, now_, {"x", "x"});
  Add(store, "u", app_, now_, {"y"});
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:3"));
  EXPECT_THAT(Patterns(store, "t", Match("n", "2")), ElementsAre("unknown x 0:2"));
  EXPECT_THAT(Patterns(store, "t", Match("n", "3")), IsEmpty());
  EXPECT_THAT(Patterns(store, "u"), ElementsAre("unknown y 0:1"));
  EXPECT_THAT(Patterns(store, "nobody"), IsEmpty());
}

TEST_F(PatternStoreTest, TellsOfTheLargestPatternsThatAreLargeEnough) {
  PatternStore::Options options = Options();
  options.min_total = 2;
  options.max_patterns = 2;
  PatternStore store(options, clock_);
  Add(store, "t", app_, now_, {"a", "b", "b", "c", "c", "c", "d", "d"});
  EXPECT_THAT(Patterns(store), ElementsAre("unknown c 0:3", "unknown b 0:2"));
}

TEST_F(PatternStoreTest, PassesOverWhatIsTooOldOrTooFarAhead) {
  PatternStore store(Options(), clock_);
  Add(store, "t", app_, now_ - 4 * kHour, {"old"});
  Add(store, "t", app_, now_ + 2 * kHour, {"ahead"});
  Add(store, "t", app_, -5, {"before the epoch"});
  EXPECT_THAT(Patterns(store), IsEmpty());
}

TEST_F(PatternStoreTest, ForgetsWhatGrowsOld) {
  PatternStore store(Options(), clock_);
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
  PatternStore store(Options(), clock_);
  Add(store, "t", {{"__aggregated_metric__", "a"}}, now_, {"x"});
  Add(store, "t", {{"__pattern__", "a"}}, now_, {"x"});
  EXPECT_THAT(Patterns(store), IsEmpty());
}

TEST_F(PatternStoreTest, CountsALineForThoseThatItSkips) {
  PatternStore store(Options(), clock_);
  Add(store, "t", app_, now_, std::vector<std::string>(64, "x"), "", 8);
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:64"));
  Add(store, "t", app_, now_, std::vector<std::string>(7, "x"), "", 8);
  EXPECT_THAT(Patterns(store), ElementsAre("unknown x 0:64"));
}

TEST_F(PatternStoreTest, ForgetsTheStreamsFedLongestAgoWhenMemoryIsFull) {
  PatternStore::Options options = Options();
  options.memory_bytes = 100'000;
  PatternStore store(options, clock_);
  for (int i = 0; i < 1000; ++i) {
    clock_.Advance(std::chrono::milliseconds(1));
    Add(store, "t", {{"app", std::to_string(i)}}, now_, {"line of its own"});
    ASSERT_LE(store.memory_bytes(), options.memory_bytes);
  }
  EXPECT_THAT(Patterns(store, "t", Match("app", "0")), IsEmpty());
  EXPECT_THAT(Patterns(store, "t", Match("app", "999")), SizeIs(1));
}

TEST_F(PatternStoreTest, KeepsFewLevelsApart) {
  PatternStore store(Options(), clock_);
  for (int i = 0; i < 100; ++i) Add(store, "t", app_, now_, {"x"}, "level" + std::to_string(i));
  const auto all = Patterns(store);
  EXPECT_THAT(all, SizeIs(16));
  EXPECT_EQ(all.front(), "unknown x 0:85");
}

}  // namespace
}  // namespace skald::patterns

#include "patterns/pattern_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace skald::patterns {
namespace {

using testing::ElementsAre;

PatternEntry Example() {
  return {.seconds = 1'700'000'040,
          .step_seconds = 10,
          .samples = {{1'700'000'040, 12}, {1'700'000'060, 3}},
          .origin = {.run = 0x17c9, .id = 4, .batch = 2},
          .level = "info",
          .pattern = R"({"user":"<_>","msg":"logged in"})",
          .labels = FieldsOf({{"app", "a b"}, {"service_name", "svc"}})};
}

TEST(PatternEntryTest, IsALineOfLogfmt) {
  EXPECT_EQ(FormatPatternEntry(Example()),
            "ts=1700000040000000000 count=15 step=10 samples=0:12,20:3 written_as=17c9-4-2 "
            R"(detected_level=info detected_pattern="{\"user\":\"<_>\",\"msg\":\"logged in\"}" )"
            R"(app="a b" service_name=svc)");
}

TEST(PatternEntryTest, ReadsWhatWasWritten) {
  PatternEntry read;
  ASSERT_TRUE(ParsePatternEntry(FormatPatternEntry(Example()), read));
  EXPECT_EQ(read.seconds, Example().seconds);
  EXPECT_EQ(read.step_seconds, 10);
  EXPECT_EQ(read.samples, Example().samples);
  EXPECT_EQ(read.origin, Example().origin);
  EXPECT_EQ(read.level, "info");
  EXPECT_EQ(read.pattern, Example().pattern);
  EXPECT_EQ(read.labels, Example().labels);
}

TEST(PatternEntryTest, ReadsLabelsOfAnyText) {
  const model::Labels labels = {{"a", ""},
                                {"b", "x=y"},
                                {"c", "say \"hi\" \\"},
                                {"d", "tab\there"},
                                {"e", "\xe6\x97\xa5\xff"},
                                {"f", "\n"}};
  model::Labels read;
  ASSERT_TRUE(ParseFields(FieldsOf(labels), read));
  EXPECT_EQ(read.ToString(), labels.ToString());
  ASSERT_TRUE(ParseFields("", read));
  EXPECT_TRUE(read.empty());
}

TEST(PatternEntryTest, RefusesWhatIsNoEntry) {
  const std::string good = FormatPatternEntry(Example());
  PatternEntry entry;
  for (const auto& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
           {"ts=1700000040000000000", "ts=-1"},
           {"ts=1700000040000000000", "ts="},
           {"ts=1700000040000000000", "ts=99999999999999999999"},
           {"count=15", "count=x"},
           {"count=15 ", ""},
           {"step=10", "step=0"},
           {"step=10", "step=9999999999999"},
           {"0:12,20:3", "0:12,"},
           {"0:12,20:3", "0:12,20"},
           {"0:12,20:3", "-5:12"},
           {"0:12,20:3", "9999999999999:12"},
           {"17c9-4-2", "17c9-4"},
           {"17c9-4-2", "17g9-4-2"},
           {"detected_level", "level"},
           {"in\\\"}\"", "in"},
       }) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_FALSE(ParsePatternEntry(bad, entry)) << bad;
  }
}

TEST(PatternEntryTest, SurvivesEachByteBeingDamagedOrMissing) {
  const std::string good = FormatPatternEntry(Example());
  PatternEntry entry;
  model::Labels labels;
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 0x1a;
    if (ParsePatternEntry(bad, entry)) ParseFields(entry.labels, labels);
    if (ParsePatternEntry(good.substr(0, i), entry)) ParseFields(entry.labels, labels);
  }
}

TEST(PatternEntryTest, HasStepsOfTheGranularityInWholeStepsOfMemory) {
  const struct {
    Nanoseconds granularity;
    int64_t step_seconds;
    int64_t entry_seconds;
  } rows[] = {
      {std::chrono::seconds(0), 10, 60},
      {std::chrono::seconds(7), 10, 60},
      {std::chrono::seconds(35), 30, 60},
      {std::chrono::minutes(1), 60, 60},
      {std::chrono::hours(1), 3600, 3600},
      {std::chrono::milliseconds(-5), 10, 60},
      {std::chrono::hours(50), kMaxEntrySeconds, kMaxEntrySeconds},
  };
  for (const auto& row : rows) {
    Limits limits;
    limits.pattern_persistence_granularity = row.granularity;
    EXPECT_EQ(StepSeconds(limits), row.step_seconds);
    EXPECT_EQ(EntrySeconds(limits), row.entry_seconds);
  }
}

}  // namespace
}  // namespace skald::patterns

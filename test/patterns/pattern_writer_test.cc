#include "patterns/pattern_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/manual_clock.h"
#include "support/time_units.h"

namespace skald::patterns {
namespace {

using test::kSecond;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PatternWriterTest : public testing::Test {
 protected:
  static Limits Persistent() {
    Limits limits;
    limits.pattern_persistence_enabled = true;
    limits.pattern_rate_threshold = 0;
    return limits;
  }

  // A store and its writer, with a tenant's limits.
  struct Parts {
    Parts(PatternWriterTest& test, const Limits& l)
        : limits(l),
          store({}, limits, test.clock_),
          writer({}, store, limits, [&test](const model::TenantId&, model::PushBatch batch) {
            return test.Write(batch);
          }) {}

    StaticLimits limits;
    PatternStore store;
    PatternWriter writer;
  };

  void Add(PatternStore& store, int64_t time_ns, size_t lines) {
    model::PushBatch batch;
    for (size_t i = 0; i < lines; ++i) {
      batch.entries.push_back({.time_ns = time_ns, .line = "a line", .metadata_count = 1});
    }
    batch.metadata.push_back({"detected_level", "info"});
    const model::Labels labels = {{"app", "a"}, {"service_name", "svc"}};
    batch.streams.push_back({.labels = std::make_shared<const model::Labels>(labels),
                             .fingerprint = labels.Hash(),
                             .entry_count = static_cast<uint32_t>(lines)});
    store.Add(model::TenantId("t"), batch);
  }

  Status Write(const model::PushBatch& batch) {
    for (const model::PushStream& stream : batch.streams) {
      for (uint32_t i = 0; i < stream.entry_count; ++i) {
        const model::PushEntry& entry = batch.entries[stream.entry_begin + i];
        written_.push_back(stream.labels->ToString() + ": " + std::string(entry.line));
        metadata_ += entry.metadata_count;
      }
    }
    return answer_;
  }

  std::vector<std::string> Written() { return std::exchange(written_, {}); }

  test::ManualClock clock_;
  const int64_t minute_ = clock_.NowNs() - clock_.NowNs() % (60 * kSecond);
  Status answer_;
  std::vector<std::string> written_;
  size_t metadata_ = 0;
};

TEST_F(PatternWriterTest, WritesAnEntryForEachPatternAndMinute) {
  Parts parts(*this, Persistent());
  Add(parts.store, minute_, 2);
  Add(parts.store, minute_ + 25 * kSecond, 3);
  Add(parts.store, minute_ + 70 * kSecond, 4);
  parts.writer.Flush();
  const std::string ts = "{__pattern__=\"svc\"}: ts=";
  EXPECT_THAT(Written(),
              ElementsAre(AllOf(HasSubstr(ts + std::to_string(minute_) + " count=5 step=10 "),
                                HasSubstr(" samples=0:2,20:3 "),
                                HasSubstr(" detected_level=info detected_pattern=\"a line\" app=a "
                                          "service_name=svc")),
                          AllOf(HasSubstr(ts + std::to_string(minute_ + 60 * kSecond)),
                                HasSubstr(" samples=10:4 "))));
  EXPECT_EQ(metadata_, 2u);
  parts.writer.Flush();
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(PatternWriterTest, WritesSamplesOfTheGranularity) {
  Limits limits = Persistent();
  limits.pattern_persistence_granularity = std::chrono::minutes(5);
  Parts parts(*this, limits);
  const int64_t begin = minute_ - minute_ % (300 * kSecond);
  Add(parts.store, begin, 2);
  Add(parts.store, begin + 200 * kSecond, 3);
  parts.writer.Flush();
  EXPECT_THAT(Written(), ElementsAre(HasSubstr("ts=" + std::to_string(begin) +
                                               " count=5 step=300 samples=0:5 ")));
}

TEST_F(PatternWriterTest, LeavesOutPatternsOfFewLines) {
  Limits limits = Persistent();
  limits.pattern_rate_threshold = 0.5;
  Parts parts(*this, limits);
  Add(parts.store, minute_, 29);
  parts.writer.Flush();
  EXPECT_THAT(Written(), IsEmpty());
  Add(parts.store, minute_, 30);
  parts.writer.Flush();
  EXPECT_THAT(Written(), SizeIs(1));
  for (int64_t step = 0; step < 12; ++step) {  // 30 lines again, but in twice the time.
    Add(parts.store, minute_ + step * 10 * kSecond, step < 6 ? 2 : 3);
  }
  parts.writer.Flush();
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(PatternWriterTest, WritesTheSameAgainIfThatMayWorkLater) {
  Parts parts(*this, Persistent());
  Add(parts.store, minute_, 2);
  answer_ = Unavailable("the disk is full");
  parts.writer.Flush();
  const auto first = Written();
  Add(parts.store, minute_, 3);
  answer_ = Status();
  parts.writer.Flush();
  const auto rest = Written();
  ASSERT_THAT(rest, SizeIs(2));
  EXPECT_EQ(rest[0], first.at(0));
  EXPECT_THAT(rest[1], HasSubstr(" count=3 "));  // What came since.
}

TEST_F(PatternWriterTest, GivesUpWhatWillNeverWork) {
  Parts parts(*this, Persistent());
  Add(parts.store, minute_, 2);
  answer_ = InvalidArgument("no");
  parts.writer.Flush();
  EXPECT_THAT(Written(), SizeIs(1));
  parts.writer.Flush();
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(PatternWriterTest, WritesNoMetadataForTenantsThatMayHaveNone) {
  Limits limits = Persistent();
  limits.allow_structured_metadata = false;
  Parts parts(*this, limits);
  Add(parts.store, minute_, 2);
  parts.writer.Flush();
  EXPECT_THAT(Written(), SizeIs(1));
  EXPECT_EQ(metadata_, 0u);
}

TEST_F(PatternWriterTest, WritesTheRestWhenItStops) {
  Parts parts(*this, Persistent());
  Add(parts.store, minute_, 2);
  parts.writer.Stop();
  EXPECT_THAT(Written(), SizeIs(1));
  Add(parts.store, minute_, 2);
  parts.writer.Stop();
  EXPECT_THAT(Written(), IsEmpty());
}

}  // namespace
}  // namespace skald::patterns

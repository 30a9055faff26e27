#include "patterns/metric_aggregator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/time_units.h"

namespace skald::patterns {
namespace {

using test::kSecond;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class MetricAggregatorTest : public testing::Test {
 protected:
  struct Line {
    int64_t seconds = 0;
    std::string level;
    std::string text;
  };

  static model::PushBatch BatchOf(const model::Labels& labels, const std::vector<Line>& lines) {
    model::PushBatch batch;
    for (const Line& line : lines) {
      model::PushEntry& entry = batch.entries.emplace_back();
      entry.time_ns = line.seconds * kSecond;
      entry.line = line.text;
      entry.metadata_begin = static_cast<uint32_t>(batch.metadata.size());
      if (line.level.empty()) continue;
      batch.metadata.push_back({"detected_level", line.level});
      entry.metadata_count = 1;
    }
    batch.streams.push_back({.labels = std::make_shared<const model::Labels>(labels),
                             .fingerprint = labels.Hash(),
                             .entry_count = static_cast<uint32_t>(lines.size())});
    return batch;
  }

  void Add(const model::Labels& labels, const std::vector<Line>& lines) {
    aggregator_.Add(tenant_, BatchOf(labels, lines));
  }

  // What was written since, as "tenant labels: line".
  std::vector<std::string> Written() {
    aggregator_.Flush();
    return std::exchange(written_, {});
  }

  Status Write(const model::TenantId& tenant, const model::PushBatch& batch) {
    for (const model::PushStream& stream : batch.streams) {
      for (uint32_t i = 0; i < stream.entry_count; ++i) {
        const model::PushEntry& entry = batch.entries[stream.entry_begin + i];
        written_.push_back(tenant.value() + " " + stream.labels->ToString() + ": " +
                           std::string(entry.line));
        times_.push_back(entry.time_ns);
      }
    }
    return answer_;
  }

  static Limits WithAggregation() {
    Limits limits;
    limits.metric_aggregation_enabled = true;
    return limits;
  }

  const model::TenantId tenant_{"t"};
  const model::Labels app_ = {{"app", "a b"}, {"service_name", "svc"}};
  Status answer_;
  std::vector<std::string> written_;
  std::vector<int64_t> times_;
  StaticLimits limits_{WithAggregation()};
  MetricAggregator aggregator_{
      {}, limits_, [this](const model::TenantId& tenant, const model::PushBatch& batch) {
        return Write(tenant, batch);
      }};
};

TEST_F(MetricAggregatorTest, WritesWhatAStreamWasPushedByLevelAndTime) {
  Add(app_, {{100, "info", "12345"}, {101, "info", "1"}, {101, "error", "123"}, {112, "", "1"}});
  EXPECT_THAT(
      Written(),
      UnorderedElementsAre(
          R"(t {__aggregated_metric__="svc"}: ts=100000000000 bytes=6 count=2 detected_level=info )"
          R"(app="a b" service_name=svc)",
          R"(t {__aggregated_metric__="svc"}: ts=100000000000 bytes=3 count=1 )"
          R"(detected_level=error app="a b" service_name=svc)",
          R"(t {__aggregated_metric__="svc"}: ts=110000000000 bytes=1 count=1 )"
          R"(detected_level=unknown app="a b" service_name=svc)"));
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(MetricAggregatorTest, AddsPushesUpUntilTheyAreWritten) {
  for (int i = 0; i < 3; ++i) Add(app_, {{100, "info", "x"}});
  EXPECT_THAT(Written(), ElementsAre(testing::HasSubstr("bytes=3 count=3")));
}

TEST_F(MetricAggregatorTest, EqualCountsOfOnePeriodHaveTimesOfTheirOwn) {
  Add(app_, {{100, "info", "x"}});
  Written();
  Add(app_, {{100, "info", "x"}});
  Written();
  ASSERT_EQ(times_.size(), 2u);
  EXPECT_NE(times_[0], times_[1]);
  EXPECT_EQ(times_[0] / kSecond, times_[1] / kSecond);
}

TEST_F(MetricAggregatorTest, AStreamWithoutAServiceIsOfAnUnknownOne) {
  Add({{"app", "a"}}, {{100, "info", "x"}});
  EXPECT_THAT(Written(),
              ElementsAre(testing::HasSubstr(R"({__aggregated_metric__="unknown_service"})")));
}

TEST_F(MetricAggregatorTest, DoesNotCountWhatTheSystemWrites) {
  Add({{"__aggregated_metric__", "svc"}}, {{100, "info", "x"}});
  Add({{"__pattern__", "svc"}}, {{100, "info", "x"}});
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(MetricAggregatorTest, WritesTheRestWhenItStops) {
  Add(app_, {{100, "info", "x"}});
  aggregator_.Stop();
  EXPECT_EQ(written_.size(), 1u);
  Add(app_, {{100, "info", "x"}});
  aggregator_.Stop();
  EXPECT_EQ(written_.size(), 1u);
}

TEST_F(MetricAggregatorTest, WritesTheSameAgainIfThatMayWorkLaterThenWhatCameSince) {
  Add(app_, {{100, "info", "x"}, {100, "error", "x"}});
  answer_ = ResourceExhausted("the disk is full");
  const auto first = Written();
  const auto first_times = std::exchange(times_, {});
  EXPECT_THAT(first, SizeIs(2));
  Add(app_, {{100, "info", "yy"}});
  EXPECT_EQ(Written(), first);
  EXPECT_EQ(std::exchange(times_, {}), first_times);
  answer_ = Status();
  const auto rest = Written();
  ASSERT_THAT(rest, SizeIs(3));
  EXPECT_THAT(rest[2], HasSubstr("bytes=2 count=1"));
  EXPECT_THAT(times_, SizeIs(3));
  EXPECT_NE(times_[2], times_[0]);
  EXPECT_NE(times_[2], times_[1]);
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(MetricAggregatorTest, GivesUpWhatWillNeverWork) {
  Add(app_, {{100, "info", "x"}});
  answer_ = InvalidArgument("no");
  EXPECT_THAT(Written(), SizeIs(1));
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(MetricAggregatorTest, CountsNothingNewWhileTooMuchWaits) {
  std::atomic<bool> works = false;
  // It also writes by itself when much waits: only what was written for good counts here.
  MetricAggregator aggregator({}, limits_,
                              [&](const model::TenantId& tenant, const model::PushBatch& batch) {
                                return works ? Write(tenant, batch) : Unavailable("not now");
                              });
  std::vector<Line> lines(100'001);
  for (size_t i = 0; i < lines.size(); ++i) lines[i].seconds = static_cast<int64_t>(i) * 10;
  const auto add = [&] { aggregator.Add(tenant_, BatchOf(app_, lines)); };
  add();
  aggregator.Flush();  // 100,000 are on their way.
  add();
  lines.resize(1);
  add();  // Known already.
  works = true;
  aggregator.Stop();
  ASSERT_THAT(written_, SizeIs(200'000));
  EXPECT_THAT(written_[0], HasSubstr("count=1"));
  EXPECT_THAT(written_[100'000], HasSubstr("count=2"));
}

TEST(MetricAggregatorOffTest, CountsNothingForTenantsWithoutIt) {
  StaticLimits limits{Limits()};
  size_t batches = 0;
  MetricAggregator aggregator({}, limits, [&](const model::TenantId&, const model::PushBatch&) {
    ++batches;
    return Status();
  });
  model::PushBatch batch;
  batch.entries.push_back({.line = "x"});
  const model::Labels labels = {{"app", "a"}};
  batch.streams.push_back({.labels = std::make_shared<const model::Labels>(labels),
                           .fingerprint = labels.Hash(),
                           .entry_count = 1});
  aggregator.Add(model::TenantId("t"), batch);
  aggregator.Flush();
  EXPECT_EQ(batches, 0u);
}

}  // namespace
}  // namespace skald::patterns

#include "querier/retained_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_node.h"
#include "common/limits.h"
#include "logql/parser.h"
#include "querier/fake_stream_source.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::querier {
namespace {

using model::Labels;
using model::TenantId;
using model::TimeRange;
using test::IsOk;
using test::kHour;
using testing::ElementsAre;
using testing::IsEmpty;

class RetainedSourceTest : public testing::Test {
 protected:
  RetainedSourceTest() {
    for (const char* app : {"long", "short"}) {
      stored_.Add("t", Labels{{"app", app}}, {Ago(100), Ago(60), Ago(47), Ago(30), Ago(1)});
    }
  }

  int64_t Ago(int64_t hours) const { return clock_.NowNs() - hours * kHour; }

  static Limits MakeLimits() {
    Limits limits;
    limits.retention_period = std::chrono::hours(48);
    limits.retention_stream = *ParseYaml("[{selector: '{app=\"short\"}', period: 24h}]");
    return limits;
  }

  // Hours since the entries that a query sees of a stream.
  std::vector<int64_t> Seen(const std::string& app, TimeRange range = TimeRange::All()) {
    const model::ScanRequest request{
        .tenant = tenant_,
        .matchers = {*model::Matcher::Make(model::MatchOp::kEqual, "app", app)},
        .range = range,
        .direction = model::Direction::kForward};
    model::ScanContext context;
    const auto scans = source_.Select(request, context);
    EXPECT_THAT(scans, IsOk());
    std::vector<int64_t> hours;
    for (const auto& scan : *scans) {
      const auto source = scan->Open();
      for (auto batch = source->Next(); *batch != nullptr; batch = source->Next()) {
        for (const uint32_t row : (*batch)->selection) {
          hours.push_back((clock_.NowNs() - (*batch)->block->times[row]) / kHour);
        }
      }
    }
    return hours;
  }

  const TenantId tenant_{"t"};
  test::ManualClock clock_;
  test::FakeStreamSource stored_;
  const StaticLimits limits_{MakeLimits()};
  chunkstore::Retention retention_{
      {.by_age = true,
       .parse_selector = [](std::string_view text) { return logql::ParseSelector(text); }},
      limits_};
  RetainedSource source_{stored_, retention_, clock_};
};

TEST_F(RetainedSourceTest, EntriesThatHaveExpiredAreNotSeenThoughTheyAreStored) {
  EXPECT_THAT(Seen("long"), ElementsAre(47, 30, 1));
  EXPECT_THAT(Seen("short"), ElementsAre(1));
  EXPECT_THAT(Seen("long", {Ago(100), Ago(40)}), ElementsAre(47));
  EXPECT_THAT(Seen("long", {Ago(100), Ago(50)}), IsEmpty());
}

TEST_F(RetainedSourceTest, AnEntryIsSeenUntilThePeriodIsOverToTheNanosecond) {
  clock_.Advance(std::chrono::hours(1));
  EXPECT_THAT(Seen("long"), ElementsAre(48, 31, 2));
  clock_.Advance(std::chrono::nanoseconds(1));
  EXPECT_THAT(Seen("long"), ElementsAre(31, 2));
}

TEST_F(RetainedSourceTest, NothingBeforeTheFloorIsSeenOfAnyStream) {
  retention_.RaiseFloor(Ago(30) + 1);
  EXPECT_THAT(Seen("long"), ElementsAre(1));
  EXPECT_THAT(Seen("short"), ElementsAre(1));
}

TEST_F(RetainedSourceTest, WithoutRetentionEverythingIsSeen) {
  const chunkstore::Retention none({}, limits_);
  RetainedSource all(stored_, none, clock_);
  model::ScanContext context;
  const model::ScanRequest request{.tenant = tenant_, .range = TimeRange::All()};
  const auto scans = all.Select(request, context);
  ASSERT_THAT(scans, IsOk());
  ASSERT_EQ(scans->size(), 2u);
  EXPECT_EQ((*scans)[0]->first_ns(), Ago(100));
}

TEST_F(RetainedSourceTest, QuestionsAboutTimesInWhichNothingIsKeptFindNothing) {
  EXPECT_THAT(*source_.LabelNames({tenant_}), ElementsAre("app"));
  EXPECT_THAT(*source_.LabelNames({tenant_, {}, {Ago(200), Ago(49)}}), IsEmpty());
  EXPECT_THAT(*source_.LabelValues({tenant_, {}, {Ago(200), Ago(49)}}, "app"), IsEmpty());
  EXPECT_THAT(*source_.Series({tenant_, {}, {Ago(200), Ago(49)}}), IsEmpty());
  EXPECT_EQ(source_.Stats({tenant_, {}, {Ago(200), Ago(49)}})->entries, 0u);
}

}  // namespace
}  // namespace skald::querier

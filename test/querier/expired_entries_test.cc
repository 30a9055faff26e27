#include "querier/expired_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/config_node.h"
#include "common/limits.h"
#include "logql/parser.h"
#include "model/entry_block.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::querier {
namespace {

using model::Labels;
using model::TenantId;
using test::IsOk;
using test::kHour;
using testing::ElementsAre;

class ExpiredEntriesTest : public testing::Test {
 protected:
  static Limits MakeLimits() {
    Limits limits;
    limits.retention_period = std::chrono::hours(48);
    limits.retention_stream = *ParseYaml("[{selector: '{app=\"short\"}', period: 24h}]");
    return limits;
  }

  int64_t Ago(int64_t hours) const { return clock_.NowNs() - hours * kHour; }
  std::unique_ptr<model::EntryFilter> FilterFor(const char* app, int64_t first,
                                                int64_t last) const {
    return expired_.Of(tenant_)->For(Labels{{"app", app}}, Ago(first), Ago(last));
  }

  const TenantId tenant_{"t"};
  test::ManualClock clock_;
  const StaticLimits limits_{MakeLimits()};
  chunkstore::Retention retention_{
      {.by_age = true,
       .parse_selector = [](std::string_view text) { return logql::ParseSelector(text); }},
      limits_};
  const ExpiredEntries expired_{retention_, clock_};
};

TEST_F(ExpiredEntriesTest, TakesOutWhatIsOlderThanItsStreamsPeriod) {
  model::EntryBlockBuilder builder;
  for (const int64_t hours : {60, 47, 25, 1}) builder.Append(Ago(hours), 1, "line", {});
  model::LogBatch batch;
  batch.block = std::make_shared<const model::EntryBlock>(builder.Finish());
  batch.selection = {0, 1, 3};
  ASSERT_THAT(FilterFor("long", 60, 1)->Apply(batch), IsOk());
  EXPECT_THAT(batch.selection, ElementsAre(1, 3));
  ASSERT_THAT(FilterFor("short", 60, 1)->Apply(batch), IsOk());
  EXPECT_THAT(batch.selection, ElementsAre(3));
}

TEST_F(ExpiredEntriesTest, ThereIsNoFilterForTimesInWhichAllIsKept) {
  EXPECT_EQ(FilterFor("long", 48, 1), nullptr);
  EXPECT_EQ(FilterFor("short", 24, 1), nullptr);
}

TEST_F(ExpiredEntriesTest, AFilterSaysWhenItLeavesNothing) {
  EXPECT_TRUE(FilterFor("short", 40, 25)->TakesAll());
  EXPECT_FALSE(FilterFor("short", 40, 24)->TakesAll());
}

TEST_F(ExpiredEntriesTest, TheFloorHoldsForAllStreams) {
  retention_.RaiseFloor(Ago(10));
  EXPECT_TRUE(FilterFor("long", 40, 11)->TakesAll());
  EXPECT_EQ(FilterFor("long", 10, 1), nullptr);
}

TEST_F(ExpiredEntriesTest, ATenantWhoseEntriesAreKeptForEverHasNoFilters) {
  const chunkstore::Retention none({}, limits_);
  EXPECT_EQ(ExpiredEntries(none, clock_).Of(tenant_), nullptr);
}

}  // namespace
}  // namespace skald::querier

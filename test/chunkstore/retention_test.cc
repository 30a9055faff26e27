#include "chunkstore/compact/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/compact/compactor.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "common/tenant_limits.h"
#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::chunkstore {
namespace {

using model::TimeRange;
using std::chrono::hours;
using test::IsOk;
using test::kHour;
using test::kStartNs;
using test::TestEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// `app=a` for {app="a"}.
Result<model::Matchers> ParseOne(std::string_view text) {
  const size_t equals = text.find('=');
  SKALD_ASSIGN_OR_RETURN(model::Matcher matcher,
                         model::Matcher::Make(model::MatchOp::kEqual, text.substr(0, equals),
                                              text.substr(equals + 1)));
  return model::Matchers{std::move(matcher)};
}

// Tells a later hour each time it is asked.
class HastyClock final : public Clock {
 public:
  explicit HastyClock(int64_t now_ns) : now_ns_(now_ns) {}

  int64_t NowNs() const override { return now_ns_ += kHour; }
  int64_t MonotonicNs() const override { return 0; }

 private:
  mutable std::atomic<int64_t> now_ns_;
};

// The sum of the numbers that `key` has in a log.
uint64_t SumOf(const std::string& log, const std::string& key) {
  uint64_t sum = 0;
  const std::string text = " " + key + "=";
  for (size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) {
    sum += std::stoull(log.substr(at + text.size()));
  }
  return sum;
}

class RetentionTest : public StoreFixture {
 protected:
  // What all tenants' limits are, but for what `overrides` says.
  Status SetOverrides(std::string_view overrides) {
    const auto document = ParseYaml(overrides);
    SKALD_RETURN_IF_ERROR(document.status());
    return limits_->Load(*document);
  }
  void SetLimits(std::string_view yaml) {
    Limits limits;
    Settings settings;
    AddLimits(settings, &limits);
    std::vector<std::string> ignored;
    ASSERT_THAT(
        settings.ReadYaml(std::string("limits_config: ") + std::string(yaml), "test", {}, ignored),
        IsOk());
    retention_.reset();
    limits_ = std::make_unique<TenantLimits>(limits, nullptr);
    retention_ = std::make_unique<Retention>(
        Retention::Options{.by_age = true, .parse_selector = ParseOne}, *limits_);
  }

  Status RunRound() { return RunRound(clock_); }
  Status RunRound(const Clock& clock) {
    PackRemover remover(store_->parts(), clock);
    Compactor compactor({.interval = std::chrono::nanoseconds(0)}, store_->parts(), *retention_,
                        remover, clock);
    return compactor.RunRound();
  }
  std::string LogOfRound(const Clock& clock) {
    testing::internal::CaptureStderr();
    EXPECT_THAT(RunRound(clock), IsOk());
    return testing::internal::GetCapturedStderr();
  }

  // Hours between now and the oldest entry of a stream that is kept.
  int64_t HoursKept(const model::Labels& stream, const char* tenant = "tenant") const {
    const int64_t now_ns = clock_.NowNs();
    return (now_ns - retention_->OldestKept(model::TenantId(tenant), stream, now_ns)) / kHour;
  }

  void PutAt(int64_t hours_ago, const std::string& app) {
    Put({{"app", app}}, test::EntryGenerator(4).Entries(20, clock_.NowNs() - hours_ago * kHour));
  }
  std::vector<std::string> Apps() {
    std::vector<std::string> apps;
    const auto volumes = store_->Volumes({kTenant});
    EXPECT_THAT(volumes, IsOk());
    for (const StoredVolume& volume : *volumes) apps.emplace_back(volume.labels->Get("app"));
    return apps;
  }
  // How often retention has gone through the day `hours_ago` with that outcome. Figures are of the
  // process: no two tests may ask for the same day.
  double DaysCounted(int64_t hours_ago, const char* action) const {
    const int64_t day = DayOf(clock_.NowNs() - hours_ago * kHour);
    return Metrics::GetCounter(
               "loki_boltdb_shipper_retention_marker_table_processed_total",
               "Days of tenants that retention has gone through, by what it did to them.",
               {{"table", "index_" + std::to_string(day)},
                {"user_id", kTenant.value()},
                {"action", action}})
        .value();
  }
  size_t PackCount() { return objects_->List("packs/")->size(); }

  std::unique_ptr<TenantLimits> limits_;
  std::unique_ptr<Retention> retention_;
};

TEST_F(RetentionTest, NothingExpiresUnlessAgesCount) {
  SetLimits("{retention_period: 24h}");
  const Retention off({.by_age = false, .parse_selector = ParseOne}, *limits_);
  EXPECT_EQ(off.OldestKept(kTenant, {{"app", "a"}}, clock_.NowNs()), Retention::kNothingExpired);
  EXPECT_FALSE(off.in_use());
  EXPECT_EQ(HoursKept({{"app", "a"}}), 24);
}

TEST_F(RetentionTest, RulesForStreamsGoBeforeThePeriodOfTheTenant) {
  SetLimits(
      "{retention_period: 48h, retention_stream: ["
      "{selector: app=a, priority: 1, period: 72h}, {selector: env=p, priority: 2, period: 24h}]}");
  EXPECT_EQ(HoursKept({{"app", "a"}}), 72);
  EXPECT_EQ(HoursKept({{"app", "a"}, {"env", "p"}}), 24);
  EXPECT_EQ(HoursKept({{"app", "b"}}), 48);
  const Retention::Horizon horizon = retention_->HorizonOf(kTenant, clock_.NowNs());
  EXPECT_EQ(horizon.all_before, clock_.NowNs() - 72 * kHour);
  EXPECT_EQ(horizon.none_from, clock_.NowNs() - 24 * kHour);
}

TEST_F(RetentionTest, ATenantsOwnRulesReplaceThoseOfAllAndAReloadTakesEffectAtOnce) {
  SetLimits("{retention_period: 48h, retention_stream: [{selector: app=a, period: 24h}]}");
  EXPECT_EQ(HoursKept({{"app", "a"}}, "one"), 24);
  ASSERT_THAT(SetOverrides("overrides: {one: {retention_stream: ["
                           "{selector: app=b, period: 96h}]}, two: {retention_period: 72h}}"),
              IsOk());
  EXPECT_EQ(HoursKept({{"app", "a"}}, "one"), 48);
  EXPECT_EQ(HoursKept({{"app", "b"}}, "one"), 96);
  EXPECT_EQ(HoursKept({{"app", "a"}}, "two"), 24);
  EXPECT_EQ(HoursKept({{"app", "b"}}, "two"), 72);
  EXPECT_EQ(HoursKept({{"app", "b"}}, "three"), 48);
  ASSERT_THAT(SetOverrides("overrides: {one: {retention_stream: [], retention_period: 0s}}"),
              IsOk());
  EXPECT_EQ(retention_->OldestKept(model::TenantId("one"), {{"app", "b"}}, clock_.NowNs()),
            Retention::kNothingExpired);
}

TEST_F(RetentionTest, TheFloorHoldsForAllStreamsAndNeverSinks) {
  SetLimits("{retention_period: 48h}");
  retention_->RaiseFloor(clock_.NowNs() - 10 * kHour);
  retention_->RaiseFloor(clock_.NowNs() - 20 * kHour);
  EXPECT_EQ(HoursKept({{"app", "a"}}), 10);
  retention_->RaiseFloor(clock_.NowNs() - 5 * kHour);
  EXPECT_EQ(HoursKept({{"app", "a"}}), 5);
}

TEST_F(RetentionTest, EntriesOlderThanTheirRetentionGoWithTheirPacks) {
  SetLimits("{retention_period: 24h}");
  PutAt(30, "old");
  PutAt(1, "young");
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(Apps(), ElementsAre("young"));
  EXPECT_EQ(PackCount(), 1u);
}

TEST_F(RetentionTest, SaysInTheLogWhatWent) {
  SetLimits("{retention_period: 24h}");
  PutAt(30, "old");
  PutAt(31, "older");
  PutAt(1, "young");
  const std::string log = LogOfRound(clock_);
  EXPECT_THAT(log, HasSubstr("msg=\"retention applied\" chunks=2 bytes="));
  EXPECT_GT(SumOf(log, "bytes"), 0u);
  EXPECT_THAT(LogOfRound(clock_), Not(HasSubstr("retention applied")));
}

TEST_F(RetentionTest, SaysInTheLogWhatExpiredWhileItWasCompacted) {
  SetLimits("{retention_period: 24h}");
  for (int64_t hours_ago = 10; hours_ago < 30; ++hours_ago) {
    PutAt(hours_ago, "a" + std::to_string(hours_ago));
  }
  const std::string log = LogOfRound(HastyClock(clock_.NowNs()));
  EXPECT_GT(SumOf(log, "expired_chunks"), 0u);
  EXPECT_GT(SumOf(log, "expired_bytes"), 0u);
  EXPECT_EQ(Apps().size(), 20 - SumOf(log, "chunks") - SumOf(log, "expired_chunks"));
}

TEST_F(RetentionTest, EachStreamGoesWhenItsOwnPeriodIsOver) {
  SetLimits("{retention_period: 48h, retention_stream: [{selector: app=short, period: 24h}]}");
  for (const char* app : {"other", "short"}) {
    PutAt(30, app);
  }
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(Apps(), ElementsAre("other"));
  clock_.Advance(hours(20));
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(Apps(), IsEmpty());
  EXPECT_EQ(PackCount(), 0u);
}

// A stream with little and one with much in one compacted pack, of which the one that is kept for a
// day goes.
TEST_F(RetentionTest, APackOfWhichMostHasExpiredIsWrittenAnew) {
  for (const char* short_lived : {"much", "little"}) {
    SetLimits(std::string("{retention_stream: [{selector: app=") + short_lived +
              ", period: 24h}]}");
    const auto much = test::EntryGenerator(4).Entries(2000, clock_.NowNs() - kHour);
    const auto little = test::EntryGenerator(5).Entries(20, clock_.NowNs() - kHour);
    std::vector<ChunkToStore> chunks = Chunks({{"app", "much"}}, much);
    for (ChunkToStore& chunk : Chunks({{"app", "little"}}, little)) chunks.push_back(chunk);
    ASSERT_THAT(store_->Put(chunks), IsOk());
    ASSERT_THAT(RunRound(), IsOk());
    const std::vector<ObjectEntry> before = *objects_->List("packs/");
    clock_.Advance(hours(25));
    ASSERT_THAT(RunRound(), IsOk());
    const std::vector<ObjectEntry> after = *objects_->List("packs/");
    ASSERT_THAT(after, SizeIs(1));
    if (short_lived == std::string("much")) {
      EXPECT_LT(after[0].bytes, before[0].bytes / 10);
      EXPECT_THAT(Read(Request()), testing::ElementsAreArray(little));
    } else {
      EXPECT_EQ(after[0].key, before.back().key) << "hardly anything would be freed";
      EXPECT_THAT(Read(Request()), testing::ElementsAreArray(much));
    }
    SetLimits("{retention_period: 1h}");
    ASSERT_THAT(RunRound(), IsOk());
    EXPECT_EQ(PackCount(), 0u);
  }
}

TEST_F(RetentionTest, AChunkStaysUntilItsLastEntryIsTooOld) {
  SetLimits("{retention_period: 24h}");
  Put({{"app", "api"}}, {{.time = kStartNs - 30 * kHour, .seq = 1, .line = "old"},
                         {.time = kStartNs - 23 * kHour, .seq = 2, .line = "young"}});
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(Read(Request()), SizeIs(2));
  clock_.Advance(hours(2));
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(Read(Request()), IsEmpty());
  EXPECT_EQ(PackCount(), 0u);
}

TEST_F(RetentionTest, WhatIsDoneToEachDayIsCounted) {
  SetLimits("{retention_period: 999h, retention_stream: [{selector: app=short, period: 24h}]}");
  PutAt(49, "short");
  PutAt(49, "other");
  PutAt(100, "short");
  PutAt(150, "other");
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(DaysCounted(49, "modified"), 1);
  EXPECT_EQ(DaysCounted(49, "deleted"), 0);
  EXPECT_EQ(DaysCounted(100, "deleted"), 1);
  EXPECT_EQ(DaysCounted(150, "none"), 1);
  EXPECT_THAT(Apps(), ElementsAre("other"));
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(DaysCounted(49, "modified"), 1);
  EXPECT_EQ(DaysCounted(49, "none"), 1);
  EXPECT_EQ(DaysCounted(100, "deleted"), 1);
  EXPECT_EQ(DaysCounted(150, "none"), 2);
}

// The part of its day that is not looked at may have more.
TEST_F(RetentionTest, ADayThatIsNotOverForTheRetentionIsNotCountedAsGone) {
  ASSERT_EQ(DayOf(clock_.NowNs() - 84 * kHour), DayOf(clock_.NowNs() - 85 * kHour));
  SetLimits("{retention_period: 84h}");
  PutAt(85, "old");
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(Apps(), IsEmpty());
  EXPECT_EQ(DaysCounted(85, "modified"), 1);
  EXPECT_EQ(DaysCounted(85, "deleted"), 0);
}

TEST_F(RetentionTest, WhatIsDroppedIsCountedByReason) {
  SetLimits("{}");
  PutAt(30, "old");
  retention_->RaiseFloor(clock_.NowNs() - 20 * kHour);
  std::vector<std::string> packs;
  const auto dropped = ApplyRetention(store_->parts(), *retention_, clock_, packs);
  ASSERT_THAT(dropped, IsOk());
  EXPECT_EQ(dropped->room.chunks, 1u);
  EXPECT_GT(dropped->room.bytes, 0u);
  EXPECT_EQ(dropped->age.chunks, 0u);
  EXPECT_THAT(packs, SizeIs(1));
}

}  // namespace
}  // namespace skald::chunkstore

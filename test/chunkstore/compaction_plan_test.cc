#include "chunkstore/compact/compaction_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "chunkstore/pack_names.h"
#include "support/manual_clock.h"

namespace skald::chunkstore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CompactionPlanTest : public testing::Test {
 protected:
  ObjectEntry Fresh(uint64_t bytes) { return {.key = names_.Next(), .bytes = bytes}; }
  ObjectEntry Compacted(Period day, uint64_t bytes) {
    return {.key = names_.NextCompacted(day), .bytes = bytes};
  }

  const CompactionPolicy policy_{.job_bytes = 1000, .pack_bytes = 200, .merge_packs = 4};
  test::ManualClock clock_;
  PackNames names_{"local", clock_};
};

TEST_F(CompactionPlanTest, FreshPacksGoTogetherUpToTheSizeOfAJob) {
  const std::vector<ObjectEntry> packs = {Fresh(400), Fresh(500), Fresh(200), Fresh(5000),
                                          Fresh(1)};
  EXPECT_THAT(PlanCompaction(packs, policy_),
              ElementsAre(ElementsAre(packs[0], packs[1]), ElementsAre(packs[2]),
                          ElementsAre(packs[3]), ElementsAre(packs[4])));
}

TEST_F(CompactionPlanTest, APackThatADiskHasLostIsLookedAtLikeOthers) {
  const std::vector<ObjectEntry> packs = {Fresh(0), Fresh(10)};
  EXPECT_THAT(PlanCompaction(packs, policy_), ElementsAre(ElementsAre(packs[0], packs[1])));
}

TEST_F(CompactionPlanTest, SmallCompactedPacksOfADayGoTogetherOnceThereAreEnough) {
  std::vector<ObjectEntry> packs = {Compacted(7, 10), Compacted(7, 12), Compacted(8, 9),
                                    Compacted(7, 11)};
  EXPECT_THAT(PlanCompaction(packs, policy_), IsEmpty());
  packs.push_back(Compacted(7, 9));
  EXPECT_THAT(PlanCompaction(packs, policy_),
              ElementsAre(ElementsAre(packs[4], packs[0], packs[3], packs[1])));
}

TEST_F(CompactionPlanTest, APackLargerThanTheOthersTogetherIsNotWrittenAgain) {
  const std::vector<ObjectEntry> packs = {Compacted(7, 90), Compacted(7, 10), Compacted(7, 10),
                                          Compacted(7, 10), Compacted(7, 10)};
  EXPECT_THAT(PlanCompaction(packs, policy_),
              ElementsAre(ElementsAre(packs[1], packs[2], packs[3], packs[4])));
}

TEST_F(CompactionPlanTest, LargeCompactedPacksStayAsTheyAre) {
  std::vector<ObjectEntry> packs;
  for (int i = 0; i < 20; ++i) packs.push_back(Compacted(7, 100));
  EXPECT_THAT(PlanCompaction(packs, policy_), IsEmpty());
}

TEST_F(CompactionPlanTest, ManySmallFlushesEndInFewPacksAndAreSeldomWrittenAgain) {
  std::mt19937_64 random(1);
  std::vector<ObjectEntry> packs;
  uint64_t flushed = 0;
  uint64_t written = 0;
  for (int round = 0; round < 2000; ++round) {
    packs.push_back(Fresh(1 + random() % 4));
    flushed += packs.back().bytes;
    for (const std::vector<ObjectEntry>& job : PlanCompaction(packs, policy_)) {
      uint64_t bytes = 0;
      for (const ObjectEntry& pack : job) {
        bytes += pack.bytes;
        std::erase(packs, pack);
      }
      written += bytes;
      packs.push_back(Compacted(7, bytes));
    }
  }
  EXPECT_LT(packs.size(), 3 * flushed / policy_.pack_bytes);
  EXPECT_LT(written, 6 * flushed);
}

TEST(PackNamesTest, KeysAreInTheOrderOfTheirMakingAndSayTheirDay) {
  test::ManualClock clock;
  PackNames names("local", clock);
  names.Saw("packs/local/1fffffffffffffff-2026-11-28");
  const std::string fresh = names.Next();
  const std::string compacted = names.NextCompacted(-1);
  EXPECT_EQ(fresh, "packs/local/2000000000000000");
  EXPECT_EQ(compacted, "packs/local/2000000000000001-1969-12-31");
  EXPECT_EQ(CompactedDay(fresh), std::nullopt);
  EXPECT_EQ(CompactedDay(compacted), -1);
  EXPECT_EQ(CompactedDay("packs/local/2000000000000001-1969-13-31"), std::nullopt);
  EXPECT_EQ(CompactedDay("packs/local/2000000000000001-1969-12-3x"), std::nullopt);
}

}  // namespace
}  // namespace skald::chunkstore

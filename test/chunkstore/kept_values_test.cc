#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chunkstore/index/step_check.h"
#include "chunkstore/index_fixture.h"
#include "chunkstore/test_entries.h"
#include "common/memory_budget.h"
#include "support/expiring_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::chunkstore {
namespace {

using model::Labels;
using model::TenantId;
using model::TimeRange;
using test::IsOk;
using test::kStartNs;

const TenantId kOther("other");
constexpr int64_t kDayNs = 86'400'000'000'000;
constexpr size_t kCount = ValueLists::kMinValues + 10;

// So many values of a name on a day that the index keeps their list.
class KeptValuesTest : public IndexFixture {
 protected:
  KeptValuesTest() { Reopen({.values_cache_bytes = 32 << 20}); }

  CommittedChunk Chunk(const TenantId& tenant, Labels labels, int64_t first_ns = kStartNs) {
    auto shared = std::make_shared<const Labels>(std::move(labels));
    const model::Fingerprint fingerprint = shared->Hash();
    return {.tenant = tenant,
            .labels = std::move(shared),
            .fingerprint = fingerprint,
            .ref = {.pack = "packs/" + std::to_string(next_pack_++),
                    .summary = {.min_time = first_ns, .max_time = first_ns + 10}}};
  }

  void Commit(std::vector<CommittedChunk> chunks) {
    ASSERT_THAT(index_->Commit({.chunks = std::move(chunks), .watermarks = {}}), IsOk());
  }
  void Remove(const CommittedChunk& chunk) {
    ASSERT_THAT(index_->Commit({.removed = {chunk}, .chunks = {}, .watermarks = {}}), IsOk());
    ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  }

  void CommitMany(int64_t first_ns = kStartNs) {
    std::vector<CommittedChunk> chunks;
    for (size_t i = 0; i < kCount; ++i) {
      chunks.push_back(Chunk(kTenant, {{"id", std::to_string(i)}}, first_ns));
    }
    Commit(std::move(chunks));
  }

  TextList Ids(TimeRange range = TimeRange::All()) {
    auto ids = index_->LabelValues(kTenant, "id", {}, range);
    EXPECT_THAT(ids, IsOk());
    return *std::move(ids);
  }

  // Whether the ids are listed without a walk through them, which looks at the token again and
  // again.
  bool IsKept(TimeRange range = TimeRange::All()) {
    const test::ExpiringClock clock(1'000'000);
    const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
    EXPECT_THAT(index_->LabelValues(kTenant, "id", {}, range, cancel), IsOk());
    return clock.asked() <= static_cast<int>(kCount / kStepsPerCheck);
  }

  std::atomic<size_t> next_pack_ = 1;
};

TEST_F(KeptValuesTest, WhatIsKeptIsOfTheBudgetAndGivesWay) {
  MemoryBudget budget(64 << 20, Status(StatusCode::kResourceExhausted, "too much"));
  Reopen({.memory = &budget});
  CommitMany();
  const uint64_t before = budget.used();
  const size_t bytes = Ids().MemoryBytes();
  EXPECT_TRUE(IsKept());
  EXPECT_GE(budget.used() - before, bytes / 2);
  EXPECT_GE(index_->ShrinkCaches(64 << 20), bytes / 2);
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_FALSE(IsKept());
  // Nothing is kept that the budget has no room for, and nothing fails for it.
  index_->ShrinkCaches(64 << 20);
  EXPECT_TRUE(budget.TakeSpare(64 << 20));
  EXPECT_EQ(Ids().size(), kCount);
  EXPECT_FALSE(IsKept());
  budget.Return(64 << 20);
  index_.reset();
}

TEST_F(KeptValuesTest, ASecondLookupWalksThroughNothing) {
  CommitMany();
  EXPECT_FALSE(IsKept());
  EXPECT_TRUE(IsKept());
  EXPECT_EQ(Ids().size(), kCount);
}

TEST_F(KeptValuesTest, OfTwoDaysOfWhichOneFitsOneIsKept) {
  Reopen({.values_cache_bytes = 1 << 20});
  CommitMany();
  CommitMany(kStartNs + kDayNs);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ids().size(), kCount);
  EXPECT_TRUE(IsKept({kStartNs, kStartNs + 10}));
  EXPECT_FALSE(IsKept({kStartNs + kDayNs, kStartNs + kDayNs + 10}));
}

TEST_F(KeptValuesTest, AListHasWhatWasCommittedAndNotWhatWasForgotten) {
  CommitMany();
  EXPECT_EQ(Ids().size(), kCount);
  ASSERT_TRUE(IsKept());
  const CommittedChunk late = Chunk(kTenant, {{"id", "late"}});
  Commit({late});
  EXPECT_TRUE(IsKept());
  TextList after = Ids();
  EXPECT_EQ(after.size(), kCount + 1);
  EXPECT_EQ(after[after.size() - 1], "late");
  Remove(late);
  after = Ids();
  EXPECT_EQ(after.size(), kCount);
  EXPECT_NE(after[after.size() - 1], "late");
  EXPECT_TRUE(IsKept());
}

// What the index listed if it had kept nothing: that of a copy of it which begins with that.
TextList FreshIds(const LabelIndex& index, TimeRange range) {
  const test::TempFolder folder;
  EXPECT_THAT(index.Checkpoint(folder.path() + "/index"), IsOk());
  const auto fresh =
      LabelIndex::Open({.folder = folder.path() + "/index", .values_cache_bytes = 0});
  EXPECT_THAT(fresh, IsOk());
  auto ids = (*fresh)->LabelValues(kTenant, "id", {}, range);
  EXPECT_THAT(ids, IsOk());
  return *std::move(ids);
}

TEST_F(KeptValuesTest, AListThatTookInWhatCameIsThatOfAFreshIndex) {
  CommitMany();
  EXPECT_EQ(Ids().size(), kCount);
  std::mt19937 random(7);
  const auto id = [&] { return std::to_string(random() % (2 * kCount)); };
  for (int round = 0; round < 8; ++round) {
    for (int commit = 0; commit < 1 + round % 3; ++commit) {
      std::vector<CommittedChunk> chunks;
      for (size_t i = random() % 500; i < 500; ++i) {
        const int64_t day_ns = random() % 4 == 0 ? kDayNs : 0;
        Labels labels = {{"app", id()}, {"id", id()}, {"ids", id()}};
        if (random() % 4 == 0) labels = {{"id", id() + "-" + id()}};
        chunks.push_back(
            Chunk(random() % 4 == 0 ? kOther : kTenant, std::move(labels), kStartNs + day_ns));
      }
      Commit(std::move(chunks));
    }
    EXPECT_TRUE(IsKept({kStartNs, kStartNs + 1})) << round;
    for (const TimeRange range : {TimeRange{kStartNs, kStartNs + 1}, TimeRange::All()}) {
      const TextList kept = Ids(range);
      EXPECT_TRUE(std::ranges::equal(kept, FreshIds(*index_, range))) << round;
    }
  }
}

TEST_F(KeptValuesTest, WhatIsNewElsewhereLeavesAListAlone) {
  CommitMany();
  EXPECT_EQ(Ids().size(), kCount);
  const CommittedChunk next_day = Chunk(kTenant, {{"id", "late"}}, kStartNs + kDayNs);
  const CommittedChunk of_other = Chunk(kOther, {{"id", "late"}});
  Commit({of_other});
  EXPECT_TRUE(IsKept()) << "another tenant";
  Commit({Chunk(kTenant, {{"app", "late"}})});
  EXPECT_TRUE(IsKept()) << "another name";
  Commit({Chunk(kTenant, {{"app", "late"}, {"id", "7"}})});
  EXPECT_TRUE(IsKept()) << "a new stream with a value that is there";
  Commit({next_day});
  EXPECT_TRUE(IsKept()) << "another day";
  Remove(next_day);
  Remove(of_other);
  EXPECT_TRUE(IsKept()) << "a sweep of another day, and of another tenant";
  EXPECT_EQ(Ids().size(), kCount);
}

TEST_F(KeptValuesTest, ADayThatGoesTakesItsListAlong) {
  CommitMany();
  CommitMany(kStartNs + kDayNs);
  const TimeRange second{kStartNs + kDayNs, kStartNs + kDayNs + 10};
  std::vector<CommittedChunk> first_day;
  const auto found = index_->Find(kTenant, {}, {kStartNs, kStartNs + 10});
  ASSERT_THAT(found, IsOk());
  for (const StreamChunks& stream : *found) {
    for (const ChunkRef& ref : stream.chunks) {
      first_day.push_back({.tenant = kTenant,
                           .labels = stream.labels,
                           .fingerprint = stream.labels->Hash(),
                           .ref = ref});
    }
  }
  EXPECT_EQ(Ids().size(), kCount);
  ASSERT_TRUE(IsKept());
  ASSERT_THAT(index_->Commit({.removed = first_day, .chunks = {}, .watermarks = {}}), IsOk());
  ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  EXPECT_TRUE(Ids({kStartNs, kStartNs + 10}).empty());
  EXPECT_TRUE(IsKept(second));
}

// A list that was read while another value came must not be kept without it.
TEST_F(KeptValuesTest, LookupsSeeWhatWasCommittedBeforeThem) {
  constexpr size_t kCommits = 40;
  CommitMany();
  std::atomic<size_t> committed = 0;
  std::thread writer([&] {
    while (committed < kCommits) {
      Commit({Chunk(kTenant, {{"id", "late-" + std::to_string(committed)}})});
      ++committed;
    }
  });
  for (size_t before = 0; before < kCommits;) {
    before = committed;
    EXPECT_GE(Ids().size(), kCount + before);
  }
  writer.join();
  EXPECT_EQ(Ids().size(), kCount + kCommits);
}

}  // namespace
}  // namespace skald::chunkstore

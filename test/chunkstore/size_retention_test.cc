#include "chunkstore/compact/size_retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "chunkstore/compact/compactor.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::TimeRange;
using test::IsOk;
using test::kSecond;
using test::kStartNs;
using test::TestEntry;
using testing::Each;
using testing::Ge;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr uint64_t kNoBound = UINT64_MAX;
constexpr int64_t kMinuteNs = 60 * kSecond;

class SizeRetentionTest : public StoreFixture {
 protected:
  SizeRetentionTest() { Restart(); }

  // As after a start of the process.
  void Restart(SizeRetention::Options options = {.max_bytes = 1}) {
    size_.reset();
    remover_.reset();
    Reopen();
    retention_ = std::make_unique<Retention>(Retention::Options(), limits_);
    remover_ = std::make_unique<PackRemover>(store_->parts(), clock_);
    options.interval = std::chrono::nanoseconds(0);
    EXPECT_THAT(MakeSize(options)->Start(), IsOk());
  }
  SizeRetention* MakeSize(SizeRetention::Options options) {
    size_ = std::make_unique<SizeRetention>(
        options, store_->parts(), *retention_, *remover_,
        [this]() -> Result<SizeRetention::Use> {
          SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> packs, objects_->List("packs/"));
          return SizeRetention::Use{.data_bytes = SumOf(packs) + other_bytes_};
        },
        clock_);
    return size_.get();
  }
  // A round with so much room for packs and the reserve.
  Status Fit(uint64_t bytes) { return MakeSize({.max_bytes = bytes + bytes / 7 + 8})->RunRound(); }

  // One pack of two streams, whose entries are of one minute after the last pack's; they overlap by
  // half a minute.
  void PutPack() {
    const int64_t begin_ns = kStartNs + static_cast<int64_t>(packs_++) * kMinuteNs;
    std::vector<ChunkToStore> chunks;
    for (const char* app : {"api", "web"}) {
      const int64_t shift_ns = app[0] == 'w' ? 30 * kSecond : 0;
      std::vector<TestEntry> entries = generator_.Entries(300, begin_ns + shift_ns);
      for (size_t i = 0; i < entries.size(); ++i) {
        entries[i].time = begin_ns + shift_ns + static_cast<int64_t>(i) * kMinuteNs / 300;
        all_.push_back(entries[i]);
      }
      for (ChunkToStore& chunk : Chunks({{"app", app}}, entries)) chunks.push_back(chunk);
    }
    ASSERT_THAT(store_->Put(chunks), IsOk());
  }

  static uint64_t SumOf(const std::vector<ObjectEntry>& packs) {
    uint64_t bytes = 0;
    for (const ObjectEntry& pack : packs) bytes += pack.bytes;
    return bytes;
  }
  uint64_t PackBytes() {
    const auto packs = objects_->List("packs/");
    EXPECT_THAT(packs, IsOk());
    return SumOf(*packs);
  }
  size_t PackCount() { return objects_->List("packs/")->size(); }

  // Whether exactly the entries from the floor on are there, and how many.
  size_t CheckBorder() {
    std::vector<TestEntry> expected;
    for (const TestEntry& entry : all_) {
      if (entry.time >= retention_->floor_ns()) expected.push_back(entry);
    }
    std::vector<TestEntry> found =
        Read(Request({retention_->floor_ns(), std::numeric_limits<int64_t>::max()}));
    const auto before = [](const TestEntry& a, const TestEntry& b) {
      return std::tie(a.time, a.line, a.seq) < std::tie(b.time, b.line, b.seq);
    };
    std::sort(expected.begin(), expected.end(), before);
    std::sort(found.begin(), found.end(), before);
    EXPECT_EQ(found, expected);
    return expected.size();
  }

  const StaticLimits limits_{Limits()};
  test::EntryGenerator generator_{7};
  uint64_t packs_ = 0;
  uint64_t other_bytes_ = 0;  // Of index and log.
  std::vector<TestEntry> all_;
  std::unique_ptr<Retention> retention_;
  std::unique_ptr<PackRemover> remover_;
  std::unique_ptr<SizeRetention> size_;
};

TEST_F(SizeRetentionTest, TheTighterOfTheBoundsHolds) {
  const SizeRetention::Use use{.data_bytes = 30, .disk_bytes = 1000, .disk_free_bytes = 400};
  const auto bound = [&](uint64_t max_bytes, double share) {
    return SizeRetention::BoundOf({.max_bytes = max_bytes, .max_disk_share = share}, use);
  };
  EXPECT_EQ(bound(0, 0), kNoBound);
  EXPECT_EQ(bound(100, 0), 100u);
  EXPECT_EQ(bound(0, 0.8), 230u) << "others have 570 of the 800";
  EXPECT_EQ(bound(100, 0.8), 100u);
  EXPECT_EQ(bound(500, 0.8), 230u);
  EXPECT_EQ(bound(0, 0.5), 0u) << "others have more than the share";
}

TEST_F(SizeRetentionTest, NothingGoesWhileThereIsRoom) {
  for (int i = 0; i < 4; ++i) PutPack();
  ASSERT_THAT(Fit(PackBytes()), IsOk());
  EXPECT_EQ(PackCount(), 4u);
  EXPECT_EQ(retention_->floor_ns(), Retention::kNothingExpired);
  EXPECT_EQ(CheckBorder(), all_.size());
}

TEST_F(SizeRetentionTest, TheOldestPacksGoAndFromTheOldestKeptOnEveryEntryIsThere) {
  for (int i = 0; i < 6; ++i) PutPack();
  const uint64_t bytes = PackBytes();
  ASSERT_THAT(Fit(bytes / 2), IsOk());
  EXPECT_LE(PackBytes(), bytes / 2 + 8);
  EXPECT_EQ(PackCount(), 3u);
  const size_t kept = CheckBorder();
  EXPECT_GT(kept, all_.size() / 3);
  EXPECT_LE(kept, all_.size() / 2);
}

TEST_F(SizeRetentionTest, IndexAndLogCountAsWell) {
  for (int i = 0; i < 6; ++i) PutPack();
  const uint64_t bytes = PackBytes();
  other_bytes_ = bytes / 2;
  ASSERT_THAT(Fit(bytes), IsOk());
  EXPECT_EQ(PackCount(), 3u);
}

TEST_F(SizeRetentionTest, TheNewestPackStaysWhateverTheBound) {
  for (int i = 0; i < 3; ++i) PutPack();
  ASSERT_THAT(Fit(1), IsOk());
  EXPECT_EQ(PackCount(), 1u);
  EXPECT_GT(CheckBorder(), 0u);
  ASSERT_THAT(Fit(1), IsOk());
  EXPECT_EQ(PackCount(), 1u);
}

TEST_F(SizeRetentionTest, WhatWentStaysAwayAfterARestart) {
  for (int i = 0; i < 4; ++i) PutPack();
  ASSERT_THAT(Fit(PackBytes() / 2), IsOk());
  const int64_t floor_ns = retention_->floor_ns();
  ASSERT_NE(floor_ns, Retention::kNothingExpired);
  Restart();
  EXPECT_EQ(retention_->floor_ns(), floor_ns);
  EXPECT_EQ(PackCount(), 2u);
  CheckBorder();
  Restart(SizeRetention::Options());
  EXPECT_EQ(retention_->floor_ns(), Retention::kNothingExpired) << "no bound, no floor";
  Restart();
  EXPECT_EQ(retention_->floor_ns(), Retention::kNothingExpired) << "and it is forgotten";
}

TEST_F(SizeRetentionTest, WhatIsStillReadCountsAsGone) {
  for (int i = 0; i < 6; ++i) PutPack();
  const uint64_t bytes = PackBytes();
  auto lease = store_->parts().leases.Take();
  ASSERT_THAT(Fit(bytes / 2), IsOk());
  EXPECT_EQ(PackCount(), 6u);
  const int64_t floor_ns = retention_->floor_ns();
  ASSERT_THAT(Fit(bytes / 2), IsOk());
  EXPECT_EQ(retention_->floor_ns(), floor_ns) << "no more goes for want of patience";
  lease.reset();
  ASSERT_THAT(Fit(bytes / 2), IsOk());
  EXPECT_EQ(PackCount(), 3u);
  CheckBorder();
}

TEST_F(SizeRetentionTest, LateEntriesFromBeforeTheFloorDoNotComeBack) {
  for (int i = 0; i < 4; ++i) PutPack();
  ASSERT_THAT(Fit(PackBytes() / 2), IsOk());
  Put({{"app", "late"}}, generator_.Entries(20, kStartNs));
  Compactor compactor({.interval = std::chrono::nanoseconds(0)}, store_->parts(), *retention_,
                      *remover_, clock_);
  ASSERT_THAT(compactor.RunRound(), IsOk());
  const auto names = store_->LabelValues({kTenant}, "app");
  EXPECT_THAT(*names, Not(testing::Contains("late")));
}

TEST_F(SizeRetentionTest, ACompactionThatReadsWhatGoesBringsNothingBack) {
  for (int i = 0; i < 4; ++i) PutPack();
  const auto packs = objects_->List("packs/");
  ASSERT_THAT(packs, IsOk());
  CompactionJobOptions job;
  bool done = false;
  job.wanted = [&](const CommittedChunk&) {  // Asked once all directories are read.
    if (!std::exchange(done, true)) {
      EXPECT_THAT(Fit(PackBytes() / 2), IsOk());
    }
    return true;
  };
  ASSERT_THAT(CompactPacks(store_->parts(), *packs, job, CancelToken()), IsOk());
  EXPECT_NE(retention_->floor_ns(), Retention::kNothingExpired);
  CheckBorder();
}

TEST_F(SizeRetentionTest, ACrashAtAnyCallLosesNothingThatIsKept) {
  int calls = 0;
  for (bool failed = true; failed; ++calls) {
    while (PackCount() < 4) PutPack();
    files_.FailFromCall(calls);
    (void)Fit(other_bytes_ + 1);
    failed = files_.failing();
    files_.ClearFaults();
    files_.Crash();
    Restart();
    CheckBorder();
  }
  EXPECT_GT(calls, 3);
}

TEST_F(SizeRetentionTest, APackThatCannotBeReadGoesWithWhatIsAsOld) {
  for (int i = 0; i < 4; ++i) PutPack();
  const auto packs = objects_->List("packs/");
  ASSERT_THAT(packs, IsOk());
  const std::string damaged = packs->front().key;
  files_.FlipByte("/chunks/" + damaged, packs->front().bytes - 5, 0x10);
  ASSERT_THAT(Fit(PackBytes() / 2), IsOk());
  EXPECT_NE(objects_->List("packs/")->front().key, damaged);
  EXPECT_GT(CheckBorder(), 0u);
}

}  // namespace
}  // namespace skald::chunkstore

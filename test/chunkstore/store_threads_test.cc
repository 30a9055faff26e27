// A store that several threads use at once. A binary of its own, which also runs under
// ThreadSanitizer: all tests of the room would take minutes there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chunkstore/compactor_fixture.h"
#include "chunkstore/held_object_store.h"

namespace skald::chunkstore {
namespace {

using test::IsOk;
using test::TestEntry;
using testing::SizeIs;

using StoreThreadsTest = CompactorFixture;

TEST_F(StoreThreadsTest, ManyThreadsMayPutAndRead) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 5; ++i) {
        const std::string app = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_THAT(store_->Put(Chunks({{"app", app}}, test::EntryGenerator(t).Entries(50))),
                    IsOk());
        EXPECT_GE(Read(Request()).size(), 50u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Read(Request()).size(), 4u * 5u * 50u);
}

// All of it happens while a job is at its longest step; who waited for the job would wait for ever.
TEST_F(StoreThreadsTest, WritersAndReadersDoNotWaitForAPackThatIsBeingWritten) {
  test::HeldObjectStore held(*objects_);
  auto store = ChunkStore::Open({.index_folder = folder_.path() + "/held"}, held, clock_);
  ASSERT_THAT(store, IsOk());
  store_ = *std::move(store);
  const std::vector<TestEntry> entries = PutOverlapping();
  std::thread compaction([&] {
    EXPECT_THAT(Compact(), IsOk());
    held.Finish();
  });
  EXPECT_TRUE(held.WaitForCompactedPack());
  EXPECT_EQ(ReadStream("api"), entries);
  const std::vector<TestEntry> more = test::EntryGenerator(9).Entries(100);
  Put({{"app", "new"}}, more);
  EXPECT_EQ(ReadStream("new"), more);
  EXPECT_THAT(*store_->Series({kTenant}), SizeIs(3));
  EXPECT_EQ(store_->Stats({kTenant})->entries, 2 * 990 + more.size()) << "as it was stored";
  held.Release();
  compaction.join();
  EXPECT_EQ(ReadStream("api"), entries);
  EXPECT_EQ(ReadStream("new"), more);
  EXPECT_EQ(store_->Stats({kTenant})->entries, 2 * entries.size() + more.size());
  store_.reset();
}

TEST_F(StoreThreadsTest, WritersAndReadersGoOnWhileItRuns) {
  std::atomic<bool> done = false;
  std::thread compaction([&] {
    Compactor compactor = MakeCompactor();
    while (!done) EXPECT_THAT(compactor.RunRound(), IsOk());
    EXPECT_THAT(compactor.RunRound(), IsOk());
  });
  size_t written = 0;
  test::EntryGenerator generator(5);
  for (int i = 0; i < 40; ++i) {
    Put({{"app", std::to_string(i % 3)}}, generator.Entries(50));
    written += 50;
    EXPECT_EQ(Read(Request()).size(), written);
  }
  done = true;
  compaction.join();
  EXPECT_EQ(Read(Request()).size(), written);
}

TEST_F(StoreThreadsTest, LookupsAndSmallerCachesGoOnWhileItRuns) {
  std::atomic<bool> done = false;
  std::vector<std::thread> others;
  others.emplace_back([&] {
    Compactor compactor = MakeCompactor();
    while (!done) EXPECT_THAT(compactor.RunRound(), IsOk());
  });
  others.emplace_back([&] {
    while (!done) {
      EXPECT_THAT(store_->Series({kTenant}), IsOk());
      EXPECT_THAT(store_->LabelValues({kTenant}, "app"), IsOk());
      EXPECT_THAT(store_->Stats({kTenant}), IsOk());
      EXPECT_THAT(store_->Forecast(Request(), 10, CancelToken()), IsOk());
    }
  });
  others.emplace_back([&] {
    while (!done) store_->ShrinkCaches(uint64_t{1} << 40);
  });
  // Of what has been compacted the filters of packs are asked as well.
  model::ScanRequest absent = Request();
  absent.literals = {{.any_of = {"7d3f9a61c0de4b1e8f00aa55deadbeef"}}};
  test::EntryGenerator generator(6);
  for (size_t written = 50; written <= 1000; written += 50) {
    Put({{"app", std::to_string(written % 3)}}, generator.Entries(50));
    for (int read = 0; read < 3; ++read) EXPECT_EQ(Read(Request()).size(), written);
    EXPECT_LE(Read(absent).size(), written);
  }
  done = true;
  for (std::thread& other : others) other.join();
}

}  // namespace
}  // namespace skald::chunkstore

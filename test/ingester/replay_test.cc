#include "ingester/replay.h"

#include <string>

#include "ingester/replay_fixture.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

class ReplayTest : public ReplayFixture {};

TEST_F(ReplayTest, BringsEverythingBack) {
  PushMany(0, 100);
  const EntriesByStream before = ReadAll();
  EXPECT_EQ(before.at(kA.ToString()).size(), 100u);
  CrashAndOpen();
  EXPECT_EQ(ReadAll(), before);
  EXPECT_GT(files_.List("wal")->size(), 2u);
}

TEST_F(ReplayTest, LeavesOutWhatTheStoreHas) {
  PushMany(0, 50);
  ASSERT_THAT(
      ingester_->Flush(tenant_, {*model::Matcher::Make(model::MatchOp::kEqual, "app", "a")}),
      IsOk());
  PushMany(50, 10);
  CrashAndOpen();
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 10u);
  EXPECT_EQ(ReadAll()[kB.ToString()].size(), 60u);
  EXPECT_EQ(sink_.Entries()[kA.ToString()].size(), 50u);
}

TEST_F(ReplayTest, LeavesOutPartOfARecordThatWasHalfFlushed) {
  std::vector<TestEntry> entries;
  for (int i = 0; i < 20; ++i) entries.push_back({i, std::to_string(i) + std::string(60, 'x')});
  ASSERT_THAT(Push({{kA, entries}}), IsOk());
  // Full parts only: the head's entries are of the same record.
  options_.memory_bytes = 1;
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  CrashAndOpen();
  EXPECT_EQ(Union()[kA.ToString()].size(), 20u);
}

TEST_F(ReplayTest, GivesNewEntriesHigherSequenceNumbers) {
  PushMany(0, 5);
  ASSERT_THAT(ingester_->Flush(), IsOk());
  for (int i = 0; i < 3; ++i) {
    PushMany(10 * (i + 1), 5);
    CrashAndOpen();
  }
  ASSERT_THAT(ingester_->Flush(), IsOk());
  CrashAndOpen();
  EXPECT_TRUE(ReadAll().empty());
  EXPECT_EQ(sink_.Entries()[kA.ToString()].size(), 20u);
}

TEST_F(ReplayTest, FlushesToKeepWithinTheMemoryBudget) {
  PushMany(0, 200);
  options_.memory_bytes = 4000;
  options_.pack_bytes = 1000;
  CrashAndOpen();
  EXPECT_GT(sink_.stores(), 2);
  EXPECT_EQ(Union()[kA.ToString()].size(), 200u);
  EXPECT_LT(ReadAll()[kA.ToString()].size(), 100u);
}

TEST_F(ReplayTest, StoresNothingOfWhatMayHaveBeenInMemory) {
  PushMany(0, 60);
  options_.chunk_block_size = 1 << 20;  // Nothing is compressed.
  options_.memory_bytes = 6000;         // The entries take some 8,700 bytes.
  CrashAndOpen();
  EXPECT_EQ(sink_.stores(), 0);
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 60u);
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_GT(sink_.stores(), 0);
}

TEST_F(ReplayTest, HasNothingToReadAfterAStopWithAllStored) {
  PushMany(0, 10);
  ASSERT_THAT(ingester_->Flush(), IsOk());
  ASSERT_THAT(ingester_->Stop(), IsOk());
  EXPECT_TRUE(files_.List("wal")->empty());
  Open();
  PushMany(10, 1);
  EXPECT_EQ(Union()[kA.ToString()].size(), 11u);
}

TEST_F(ReplayTest, KeepsTheLogAtAStopOfWhatIsNotStored) {
  PushMany(0, 10);
  ASSERT_THAT(
      ingester_->Flush(tenant_, {*model::Matcher::Make(model::MatchOp::kEqual, "app", "a")}),
      IsOk());
  ASSERT_THAT(ingester_->Stop(), IsOk());
  Open();
  EXPECT_EQ(ReadAll()[kB.ToString()].size(), 10u);
}

TEST_F(ReplayTest, KeepsAllInMemoryWhenTheStoreIsDown) {
  PushMany(0, 100);
  options_.memory_bytes = 4000;
  sink_.before_store = [] { return Unavailable("down"); };
  CrashAndOpen();
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 100u);
}

TEST_F(ReplayTest, LosesNothingToAReadThatFailsOnce) {
  PushMany(0, 3);
  const EntriesByStream before = ReadAll();
  for (const auto op :
       {test::FaultyFileSystem::Op::kOpenForRead, test::FaultyFileSystem::Op::kRead}) {
    files_.Crash();
    files_.Inject({.op = op, .path_contains = "0001.wal"});
    Open();
    EXPECT_EQ(ReadAll(), before);
  }
}

TEST_F(ReplayTest, ReadsALargeSegmentInPieces) {
  options_.wal.segment_bytes = 64 << 20;
  options_.memory_bytes = 1 << 30;
  Open();
  // Frames lie across the ends of pieces, and one is larger than a piece.
  int64_t time = 0;
  for (const size_t bytes : {1 << 20, 3 << 20, 9 << 20, 1 << 10, 5 << 20}) {
    std::vector<TestEntry> entries;
    for (size_t i = 0; i < bytes / (64 << 10) + 1; ++i) {
      entries.push_back({++time, std::string(64 << 10, static_cast<char>('a' + time % 26))});
    }
    ASSERT_THAT(Push({{kA, entries}}), IsOk());
  }
  const EntriesByStream before = ReadAll();
  CrashAndOpen();
  EXPECT_EQ(ReadAll(), before);
}

TEST_F(ReplayTest, FailsWhenTheStoreCanNotBeAsked) {
  class DumbSink final : public ChunkSink {
   public:
    Status Store(std::vector<StreamFlush>) override { return Unavailable("down"); }
    Result<uint64_t> FlushedSeq(const std::string&, model::Fingerprint) override {
      return Unavailable("down");
    }
    Result<uint64_t> HighestSeq() override { return Unavailable("down"); }
  } sink;
  StaticLimits limits{Limits()};
  EXPECT_THAT(Ingester::Open(options_, {files_, clock_, limits, sink, background_, nullptr}),
              HasCode(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace skald::ingester

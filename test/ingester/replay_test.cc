#include "ingester/replay.h"

#include <cstring>
#include <map>
#include <string>

#include "ingester/ingester_metrics.h"
#include "ingester/wal_frame.h"
#include "ingester_fixture.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

const model::Labels kA = {{"app", "a"}};
const model::Labels kB = {{"app", "b"}};

class ReplayTest : public IngesterFixture {
 protected:
  ReplayTest() { Open(); }

  void PushMany(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      const std::string line = "line " + std::to_string(i) + std::string(30, 'x');
      ASSERT_THAT(Push({{kA, {{i, line, {{"n", std::to_string(i)}}}}}, {kB, {{-i, line}}}}),
                  IsOk());
    }
  }
  std::vector<std::string> WarningsOfAQuery(model::TimeRange range = model::TimeRange::All()) {
    model::ScanRequest request;
    request.tenant = tenant_;
    request.range = range;
    model::ScanContext context;
    EXPECT_THAT(ingester_->Select(request, context), IsOk());
    return context.warnings.Take();
  }
  std::string SegmentPath(int segment) { return JoinPath("wal", files_.List("wal")->at(segment)); }
};

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

TEST_F(ReplayTest, StartsWithALogCutAnywhere) {
  PushMany(0, 12);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  ingester_.reset();
  const std::string path = SegmentPath(0);
  const std::string bytes = *files_.ReadAll(path);
  size_t last = 0;
  for (size_t size = 0; size <= bytes.size(); ++size) {
    ingester_.reset();
    ASSERT_THAT(files_.AtomicWrite(path, std::string_view(bytes).substr(0, size)), IsOk());
    Open();
    const size_t count = ReadAll()[kA.ToString()].size();
    EXPECT_GE(count, last) << "cut at " << size;
    last = count;
  }
  EXPECT_EQ(last, 12u);
}

TEST_F(ReplayTest, LosesOneRecordAtMostToAFlippedByte) {
  PushMany(0, 8);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  ingester_.reset();
  const std::string path = SegmentPath(0);
  const std::string bytes = *files_.ReadAll(path);
  const size_t first_frame_end = bytes.find("SkWr", kWalSegmentHeaderBytes + 4);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 0x20;
    ingester_.reset();  // Its end may remove the log that it could not read.
    ASSERT_THAT(files_.AtomicWrite(path, damaged), IsOk());
    Open();
    const size_t count = ReadAll()[kA.ToString()].size();
    if (i < kWalSegmentHeaderBytes) {
      EXPECT_EQ(count, 8u) << "byte " << i;
    } else if (i >= first_frame_end) {
      EXPECT_EQ(count, 7u) << "byte " << i;
    }
  }
}

TEST_F(ReplayTest, FailsForASegmentOfANewerVersionAndLeavesTheLogAsItIs) {
  PushMany(0, 100);
  const EntriesByStream before = ReadAll();
  files_.Kill();
  ingester_.reset();
  const std::map<std::string, std::string> sound = files_.Contents();
  for (const auto& [path, bytes] : sound) {
    std::string newer = bytes;
    newer[8] = 2;
    const uint32_t crc = Crc32c(std::string_view(newer).substr(0, 20));
    std::memcpy(newer.data() + 20, &crc, sizeof crc);
    files_.Put(path, newer);
    const std::map<std::string, std::string> changed = files_.Contents();
    // Also when that shows only as the segment is replayed.
    for (const int failing_reads : {0, 1, 2}) {
      files_.Inject(
          {.op = test::FaultyFileSystem::Op::kRead, .path_contains = path, .times = failing_reads});
      const Status status = TryOpen();
      EXPECT_THAT(status, HasCode(StatusCode::kUnimplemented));
      EXPECT_THAT(std::string(status.message()),
                  testing::AllOf(testing::HasSubstr(path + ": "), testing::HasSubstr("version 2"),
                                 testing::HasSubstr("start the newer one")));
      EXPECT_EQ(files_.Contents(), changed);
      files_.ClearFaults();
    }
    files_.Put(path, bytes);
  }
  Open();
  EXPECT_EQ(ReadAll(), before);
}

TEST_F(ReplayTest, StepsOverWhatCanNotBeRead) {
  PushMany(0, 3);
  files_.Crash();
  const std::string path = SegmentPath(0);
  files_.Inject({.op = test::FaultyFileSystem::Op::kRead, .times = 1000});
  Open();
  EXPECT_TRUE(ReadAll().empty());
  files_.ClearFaults();
  EXPECT_THAT(Push({{kA, {{1, "goes on"}}}}), IsOk());
  EXPECT_TRUE(*files_.Exists(path + ".unreadable"));
}

TEST_F(ReplayTest, RemovesNoSegmentThatCouldNeitherBeReadNorKept) {
  PushMany(0, 3);
  const EntriesByStream before = ReadAll();
  files_.Kill();
  files_.Inject({.op = test::FaultyFileSystem::Op::kRead, .times = 1000});
  files_.Inject({.op = test::FaultyFileSystem::Op::kLink, .times = 1000});
  Open();
  EXPECT_TRUE(ReadAll().empty());
  const std::string path = SegmentPath(0);
  const Counter failed = IngesterMetrics::Get().checkpoint_deletions_failed;
  const double failed_before = failed.value();
  const Status status = ingester_->FlushOffLog();
  EXPECT_THAT(status, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith(path + " can neither be read nor kept under another name"));
  EXPECT_EQ(failed.value(), failed_before + 1);
  files_.ClearFaults();
  const Status readable = ingester_->FlushOffLog();
  EXPECT_THAT(readable, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(readable.message()), testing::HasSubstr("start again to have what"));
  ASSERT_THAT(ingester_->Stop(), IsOk());
  Open();
  EXPECT_EQ(ReadAll(), before);
}

TEST_F(ReplayTest, RemovesWhatIsBelowASegmentThatHasToStayAndThatOnceItCanBeKept) {
  PushMany(0, 200);
  const size_t segments = files_.List("wal")->size();
  ASSERT_GT(segments, 3u);
  files_.Kill();
  const std::string first = SegmentPath(0);
  const std::vector<std::string> bad = {SegmentPath(1), SegmentPath(2)};
  const auto fail_reads = [&] {
    for (const std::string& path : bad) {
      files_.Inject(
          {.op = test::FaultyFileSystem::Op::kRead, .path_contains = path, .times = 1000});
    }
  };
  fail_reads();
  files_.Inject({.op = test::FaultyFileSystem::Op::kLink, .times = 1000});
  Open();
  EXPECT_THAT(ingester_->FlushOffLog(), HasCode(StatusCode::kFailedPrecondition));
  EXPECT_FALSE(*files_.Exists(first));
  EXPECT_EQ(files_.List("wal")->size(), segments - 1);
  files_.ClearFaults();
  fail_reads();
  ASSERT_THAT(ingester_->FlushOffLog(), IsOk());
  EXPECT_EQ(files_.List("wal")->size(), 2u);
  for (const std::string& path : bad) EXPECT_TRUE(*files_.Exists(path + ".unreadable")) << path;
}

TEST_F(ReplayTest, FailsForASegmentThatCannotBeOpenedAndLeavesTheLogAsItIs) {
  options_.wal.flush_on_shutdown = true;
  PushMany(0, 200);
  const EntriesByStream before = ReadAll();
  files_.Kill();
  ingester_.reset();
  const std::map<std::string, std::string> sound = files_.Contents();
  ASSERT_GT(sound.size(), 3u);
  for (const auto& [path, bytes] : sound) {
    // At once, and when the replay comes to it.
    for (const int after : {0, 1}) {
      SCOPED_TRACE(path + ", after " + std::to_string(after));
      files_.Inject({.op = test::FaultyFileSystem::Op::kOpenForRead,
                     .code = StatusCode::kPermissionDenied,
                     .path_contains = path,
                     .after = after,
                     .times = 1000});
      const Status status = TryOpen();
      EXPECT_THAT(status, HasCode(StatusCode::kPermissionDenied));
      EXPECT_THAT(std::string(status.message()),
                  testing::AllOf(testing::HasSubstr(path + ": injected fault"),
                                 testing::HasSubstr("make it readable, or move it away")));
      EXPECT_EQ(files_.Contents(), sound);
      files_.ClearFaults();
    }
  }
  Open();
  EXPECT_EQ(ReadAll(), before);
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

TEST_F(ReplayTest, TellsQueriesOfDamageButNotOfAnUnfinishedEnd) {
  PushMany(0, 3);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  const std::string path = SegmentPath(0);
  const std::string bytes = *files_.ReadAll(path);
  ASSERT_THAT(files_.AtomicWrite(path, bytes + bytes.substr(kWalSegmentHeaderBytes, 30)), IsOk());
  Open();
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
  files_.FlipByte(path, kWalSegmentHeaderBytes + kWalFrameHeaderBytes, 1);
  Open();
  EXPECT_THAT(WarningsOfAQuery(), testing::ElementsAre(testing::HasSubstr(path)));
}

TEST_F(ReplayTest, TellsNoQueryOfDamageThatIsForTimesOfWhichTheLogCanHaveHadNothing) {
  PushMany(0, 3);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  files_.FlipByte(SegmentPath(0), kWalSegmentHeaderBytes + kWalFrameHeaderBytes, 1);
  limits_value_.creation_grace_period = std::chrono::minutes(10);
  Open();
  const int64_t start_ns = clock_.NowNs();
  clock_.Advance(std::chrono::hours(2));
  const auto from = [&](std::chrono::nanoseconds after) {
    return model::TimeRange{start_ns + after.count(), clock_.NowNs()};
  };
  EXPECT_EQ(WarningsOfAQuery(from(std::chrono::minutes(69))).size(), 1u);
  EXPECT_THAT(WarningsOfAQuery(from(std::chrono::minutes(70))), testing::IsEmpty());
  EXPECT_EQ(WarningsOfAQuery().size(), 1u);
}

TEST_F(ReplayTest, TellsQueriesOfASegmentThatIsCutThoughAnotherFollows) {
  PushMany(0, 60);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  const std::string path = SegmentPath(0);
  ASSERT_GT(files_.List("wal")->size(), 1u);
  const std::string bytes = *files_.ReadAll(path);
  const size_t last_frame = bytes.rfind("SkWr");  // That only says which segment followed.
  for (size_t size = 0; size < last_frame; size += 11) {
    ingester_.reset();
    ASSERT_THAT(files_.AtomicWrite(path, std::string_view(bytes).substr(0, size)), IsOk());
    Open();
    EXPECT_THAT(WarningsOfAQuery(), testing::ElementsAre(testing::HasSubstr(path))) << size;
  }
  ASSERT_THAT(files_.AtomicWrite(path, bytes), IsOk());
  Open();
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
}

TEST_F(ReplayTest, TellsQueriesOfASegmentThatIsGoneBehindOneThatIsThere) {
  PushMany(0, 200);
  const size_t segments = files_.List("wal")->size();
  ASSERT_GT(segments, 3u);
  const std::map<std::string, std::string> sound = files_.Contents();
  for (size_t gone = 0; gone < segments; ++gone) {
    SCOPED_TRACE(gone);
    files_.Kill();
    ingester_.reset();
    for (const auto& [path, bytes] : sound) files_.Put(path, bytes);
    const std::string path = SegmentPath(static_cast<int>(gone));
    ASSERT_THAT(files_.Remove(path), IsOk());
    const Counter counted = IngesterMetrics::WalCorruptions("missing");
    const double before = counted.value();
    Open();
    // The oldest may have been removed as all of it was stored.
    if (gone == 0) {
      EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
    } else {
      EXPECT_THAT(WarningsOfAQuery(), testing::ElementsAre(testing::HasSubstr(path + " was gone")));
    }
    EXPECT_EQ(counted.value(), before + (gone == 0 ? 0 : 1));
  }
}

TEST_F(ReplayTest, TellsQueriesOfALogThatIsCutAfterItWasClosed) {
  PushMany(0, 12);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  const std::string path = SegmentPath(0);
  const std::string bytes = *files_.ReadAll(path);
  const std::string end = *files_.ReadAll("wal/log.end");
  const Counter counted = IngesterMetrics::WalCorruptions("cut");
  for (size_t size = 0; size < bytes.size(); ++size) {
    ingester_.reset();  // Its end removes a log in which nothing is.
    files_.Put("wal/log.end", end);
    // The space of what is lost may be there still.
    std::string cut = bytes.substr(0, size);
    if (size % 2 == 1) cut.resize(bytes.size());
    files_.Put(path, cut);
    const double before = counted.value();
    Open();
    if (size % 2 == 0) {
      EXPECT_EQ(counted.value(), before + 1) << size;
    }
    EXPECT_THAT(WarningsOfAQuery(), testing::ElementsAre(testing::HasSubstr(path))) << size;
  }
  ingester_.reset();
  files_.Put("wal/log.end", end);
  files_.Put(path, bytes);
  Open();
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 12u);
}

TEST_F(ReplayTest, TellsQueriesOfEachSegmentThatIsGoneAfterTheLogWasClosed) {
  PushMany(0, 200);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  const std::map<std::string, std::string> sound = files_.Contents();
  ASSERT_GT(sound.size(), 4u);
  const Counter counted = IngesterMetrics::WalCorruptions("missing");
  for (const auto& [path, bytes] : sound) {
    if (!path.ends_with(".wal")) continue;
    ingester_.reset();
    for (const auto& [name, content] : sound) files_.Put(name, content);
    ASSERT_THAT(files_.Remove(path), IsOk());
    const double before = counted.value();
    Open();
    EXPECT_EQ(counted.value(), before + 1) << path;
    EXPECT_THAT(WarningsOfAQuery(), testing::ElementsAre(testing::HasSubstr(path + " was gone")));
  }
}

TEST_F(ReplayTest, GivesTheNumberOfASegmentThatIsGoneToNoOther) {
  PushMany(0, 200);
  const std::vector<std::string> names = *files_.List("wal");
  ASSERT_GT(names.size(), 3u);
  const EntriesByStream before = ReadAll();
  files_.Kill();
  ingester_.reset();
  const std::string path = JoinPath("wal", names.back());
  const std::string bytes = *files_.ReadAll(path);
  ASSERT_THAT(files_.Remove(path), IsOk());
  Open();
  PushMany(1000, 1);
  EXPECT_FALSE(*files_.Exists(path));
  files_.Kill();
  ingester_.reset();
  files_.Put(path, bytes);  // It has been mended.
  Open();
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), before.at(kA.ToString()).size() + 1);
}

TEST_F(ReplayTest, GivesTheNumberOfASegmentThatWasKeptToNoOther) {
  ingester_.reset();
  files_.Put("wal/0000000001.wal.unreadable", "of an earlier life");
  Open();
  PushMany(0, 1);
  EXPECT_FALSE(*files_.Exists("wal/0000000001.wal"));
  EXPECT_TRUE(*files_.Exists("wal/0000000002.wal"));
  // It says nothing of the log that goes on behind it.
  ASSERT_THAT(ingester_->Stop(), IsOk());
  files_.Put("wal/0000000009.wal.unreadable", "of an earlier life");
  ASSERT_THAT(files_.Remove("wal/0000000002.wal"), IsOk());
  Open();
  EXPECT_THAT(WarningsOfAQuery(), testing::ElementsAre(testing::HasSubstr("0002.wal was gone")));
}

// What a closed log says of its end must never be taken for a word on what was appended later.
TEST_F(ReplayTest, SaysNothingOfALogThatWentOnSinceItWasClosed) {
  PushMany(0, 3);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  EXPECT_TRUE(*files_.Exists("wal/log.end"));
  Open();
  EXPECT_TRUE(*files_.Exists("wal/log.end"));  // A start that dies can be repeated.
  CrashAndOpen();
  EXPECT_TRUE(*files_.Exists("wal/log.end"));
  PushMany(3, 1);
  EXPECT_FALSE(*files_.Exists("wal/log.end"));
  CrashAndOpen();
  EXPECT_FALSE(*files_.Exists("wal/log.end"));
  // Nor of segments that are removed.
  ASSERT_THAT(ingester_->Stop(), IsOk());
  Open();
  EXPECT_TRUE(*files_.Exists("wal/log.end"));
  ASSERT_THAT(ingester_->Flush(), IsOk());
  CrashAndOpen();
  EXPECT_FALSE(*files_.Exists("wal/log.end"));
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
  EXPECT_EQ(Union()[kA.ToString()].size(), 4u);
}

TEST_F(ReplayTest, IgnoresTheEndOfALogThatAnOlderProgramHasWrittenTo) {
  PushMany(0, 3);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  const std::string first = SegmentPath(0);
  const std::string end = *files_.ReadAll("wal/log.end");
  Open();
  PushMany(3, 1);
  files_.Kill();
  ingester_.reset();
  ASSERT_THAT(files_.Remove(first), IsOk());
  files_.Put("wal/log.end", end);
  Open();
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 1u);
}

TEST_F(ReplayTest, TellsOfAnEndThatIsDamagedAndGoesOn) {
  PushMany(0, 3);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  ingester_.reset();
  files_.FlipByte("wal/log.end", 20, 1);
  const Counter counted = IngesterMetrics::WalCorruptions("end");
  const double before = counted.value();
  Open();
  EXPECT_EQ(counted.value(), before + 1);
  EXPECT_THAT(WarningsOfAQuery(), testing::ElementsAre(testing::HasSubstr("wal/log.end")));
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 3u);
  PushMany(3, 1);
  CrashAndOpen();
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 4u);
}

TEST_F(ReplayTest, AcknowledgesNothingWhileTheEndOfAnEarlierLogIsThere) {
  PushMany(0, 3);
  for (const auto op :
       {test::FaultyFileSystem::Op::kRemove, test::FaultyFileSystem::Op::kSyncDir}) {
    ASSERT_THAT(ingester_->Stop(), IsOk());
    Open();
    files_.Inject({.op = op});
    EXPECT_THAT(Push({{kA, {{90, "refused"}}}}), HasCode(StatusCode::kUnavailable));
    EXPECT_THAT(Push({{kA, {{100 + static_cast<int>(op), "taken"}}}}), IsOk());
    CrashAndOpen();
    EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
  }
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 5u);
}

TEST_F(ReplayTest, TakesASegmentThatWasSetAsideForNoneThatIsGone) {
  PushMany(0, 200);
  ASSERT_GT(files_.List("wal")->size(), 3u);
  files_.Kill();
  ingester_.reset();
  const std::string path = SegmentPath(1);
  ASSERT_THAT(files_.Rename(path, path + ".unreadable"), IsOk());
  Open();
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
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

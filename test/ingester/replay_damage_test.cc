#include <cstring>
#include <map>
#include <string>

#include "ingester/ingester_metrics.h"
#include "ingester/replay_fixture.h"
#include "ingester/wal_frame.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

// What a replay makes of a log of which something is damaged, or cannot be read.
class ReplayDamageTest : public ReplayFixture {};

TEST_F(ReplayDamageTest, StartsWithALogCutAnywhere) {
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

TEST_F(ReplayDamageTest, LosesOneRecordAtMostToAFlippedByte) {
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

TEST_F(ReplayDamageTest, FailsForASegmentOfANewerVersionAndLeavesTheLogAsItIs) {
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

TEST_F(ReplayDamageTest, StepsOverWhatCanNotBeRead) {
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

TEST_F(ReplayDamageTest, RemovesNoSegmentThatCouldNeitherBeReadNorKept) {
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

TEST_F(ReplayDamageTest, RemovesWhatIsBelowASegmentThatHasToStayAndThatOnceItCanBeKept) {
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

TEST_F(ReplayDamageTest, FailsForASegmentThatCannotBeOpenedAndLeavesTheLogAsItIs) {
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

TEST_F(ReplayDamageTest, TellsQueriesOfDamageButNotOfAnUnfinishedEnd) {
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

TEST_F(ReplayDamageTest, TellsNoQueryOfDamageThatIsForTimesOfWhichTheLogCanHaveHadNothing) {
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

TEST_F(ReplayDamageTest, TellsQueriesOfASegmentThatIsCutThoughAnotherFollows) {
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

TEST_F(ReplayDamageTest, TellsQueriesOfASegmentThatIsGoneBehindOneThatIsThere) {
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

TEST_F(ReplayDamageTest, TakesASegmentThatWasSetAsideForNoneThatIsGone) {
  PushMany(0, 200);
  ASSERT_GT(files_.List("wal")->size(), 3u);
  files_.Kill();
  ingester_.reset();
  const std::string path = SegmentPath(1);
  ASSERT_THAT(files_.Rename(path, path + ".unreadable"), IsOk());
  Open();
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
}

}  // namespace
}  // namespace skald::ingester

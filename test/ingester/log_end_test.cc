#include <map>
#include <string>

#include "ingester/ingester_metrics.h"
#include "ingester/replay_fixture.h"
#include "ingester/wal_frame.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

// What a log says of its end when it is closed, and what the next start makes of it.
class LogEndTest : public ReplayFixture {};

TEST_F(LogEndTest, TellsQueriesOfALogThatIsCutAfterItWasClosed) {
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

TEST_F(LogEndTest, TellsQueriesOfEachSegmentThatIsGoneAfterTheLogWasClosed) {
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

TEST_F(LogEndTest, GivesTheNumberOfASegmentThatIsGoneToNoOther) {
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

TEST_F(LogEndTest, GivesTheNumberOfASegmentThatWasKeptToNoOther) {
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
TEST_F(LogEndTest, SaysNothingOfALogThatWentOnSinceItWasClosed) {
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

TEST_F(LogEndTest, IgnoresTheEndOfALogThatAnOlderProgramHasWrittenTo) {
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

TEST_F(LogEndTest, TellsOfAnEndThatIsDamagedAndGoesOn) {
  PushMany(0, 3);
  ASSERT_THAT(ingester_->Stop(), IsOk());
  ingester_.reset();
  files_.FlipByte("wal/log.end", 20, 1);
  const Counter counted = IngesterMetrics::WalCorruptions("end");
  const double before = counted.value();
  Open();
  EXPECT_EQ(counted.value(), before + 1);
  EXPECT_THAT(WarningsOfAQuery(), testing::ElementsAre(testing::AllOf(
                                      testing::HasSubstr("could not be read at the start"),
                                      testing::HasSubstr("wal/log.end: "))));
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 3u);
  PushMany(3, 1);
  CrashAndOpen();
  EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 4u);
}

TEST_F(LogEndTest, NotesNoEndWhileARoundMayRemoveMore) {
  PushMany(0, 3);
  std::future<Status> stopped;
  sink_.before_store = [&] {
    stopped = std::async(std::launch::async, [&] { return ingester_->Stop(AtStop::kKeepInLog); });
    // It comes to its end only after this round: a time that is too short finds less.
    stopped.wait_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(*files_.Exists("wal/log.end"));
    return Status();
  };
  ASSERT_THAT(ingester_->Flush(), IsOk());
  ASSERT_THAT(stopped.get(), IsOk());
  EXPECT_TRUE(files_.List("wal")->empty());
}

TEST_F(LogEndTest, StopsAndStartsWithoutAnEndThatCannotBeWritten) {
  PushMany(0, 3);
  using Op = test::FaultyFileSystem::Op;
  for (const Op op : {Op::kCreate, Op::kAppend, Op::kSync, Op::kRename}) {
    files_.Inject({.op = op, .path_contains = op == Op::kRename ? "" : ".tmp", .times = 1000});
    ASSERT_THAT(ingester_->Stop(), IsOk());
    files_.ClearFaults();
    const auto names = *files_.List("wal");
    for (const std::string& name : names) EXPECT_TRUE(name.ends_with(".wal")) << name;
    Open();
    EXPECT_THAT(WarningsOfAQuery(), testing::IsEmpty());
    EXPECT_EQ(ReadAll()[kA.ToString()].size(), 3u);
  }
}

TEST_F(LogEndTest, NotesWholeFramesOfASegmentWhoseTailIsDamaged) {
  PushMany(0, 45);
  ASSERT_EQ(files_.List("wal")->size(), 2u);
  files_.Kill();
  ingester_.reset();
  const std::string path = SegmentPath(1);
  const std::string sound = *files_.ReadAll(path);
  const size_t second = sound.find("SkWr", kWalSegmentHeaderBytes + 4);
  const std::string whole = sound.substr(0, second);
  const std::vector<std::pair<std::string, uint64_t>> cases = {
      {whole + std::string(50, 'x'), second},
      {whole + "Sk", second},
      {sound.substr(0, kWalSegmentHeaderBytes) + std::string(50, 'x'), kWalSegmentHeaderBytes},
      {sound.substr(0, kWalSegmentHeaderBytes - 1), 0},
      {"S", 0}};
  for (const auto& [bytes, end] : cases) {
    files_.Put(path, bytes);
    Open();
    ASSERT_THAT(ingester_->Stop(), IsOk());
    ingester_.reset();
    const auto noted = ReadWalEnd(files_, "wal");
    ASSERT_THAT(noted, IsOk());
    ASSERT_TRUE(noted->has_value());
    EXPECT_EQ((*noted)->segments.at(2), end);
    ASSERT_THAT(files_.Remove("wal/log.end"), IsOk());
  }
}

TEST_F(LogEndTest, AcknowledgesNothingWhileTheEndOfAnEarlierLogIsThere) {
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

}  // namespace
}  // namespace skald::ingester

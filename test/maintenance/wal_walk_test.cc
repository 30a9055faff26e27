#include "maintenance/wal_walk.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "common/hash.h"
#include "ingester/wal.h"
#include "ingester/wal_end.h"
#include "model/labels.h"
#include "support/faulty_file_system.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::maintenance {
namespace {

using test::IsOk;

constexpr const char* kSegment = "/wal/0000000001.wal";

class WalWalkTest : public testing::Test {
 protected:
  // A segment with `frames` frames of one line each; more of them where it may not be as long.
  void Write(int frames, uint64_t segment_bytes = 1 << 20) {
    auto wal = ingester::Wal::Open({.dir = "/wal", .segment_bytes = segment_bytes}, files_, clock_);
    ASSERT_THAT(wal, IsOk());
    const model::Labels labels{{"app", "x"}};
    ingester::WalStream stream;
    for (int i = 0; i < frames; ++i) {
      const auto reservation = (*wal)->Reserve(1000);
      ASSERT_THAT(reservation, IsOk());
      ingester::WalEntriesEncoder encoder;
      encoder.Start(static_cast<uint64_t>(i) + 1, 1);
      encoder.Add(i, "a line", {});
      const auto ticket =
          (*wal)->Enqueue(stream, "tenant", labels.encoded(), encoder.body()).ticket;
      ASSERT_THAT((*wal)->Commit(ticket, ticket), IsOk());
    }
  }

  void Replace(std::string_view bytes) { ASSERT_THAT(files_.AtomicWrite(kSegment, bytes), IsOk()); }
  std::string Bytes() { return *files_.ReadAll(kSegment); }

  std::vector<WalSegmentSummary> Walk() {
    findings_.clear();
    auto segments = WalkWal(files_, "/wal", [this](Finding f) { findings_.push_back(f); });
    EXPECT_THAT(segments, IsOk());
    return *std::move(segments);
  }

  // Of the file alone.
  std::vector<std::string> Faults(const std::string& path) const {
    std::vector<std::string> out;
    for (const Finding& f : findings_) {
      if (f.severity == Finding::Severity::kFault && f.file == path) out.push_back(f.what);
    }
    return out;
  }

  bool AnyFault() const {
    return std::ranges::any_of(
        findings_, [](const Finding& f) { return f.severity == Finding::Severity::kFault; });
  }

  test::FaultyFileSystem files_;
  test::ManualClock clock_;
  std::vector<Finding> findings_;
};

TEST_F(WalWalkTest, CountsWhatSegmentsHold) {
  Write(3);
  const auto segments = Walk();
  ASSERT_EQ(segments.size(), 1u);
  EXPECT_EQ(segments[0].frames, 3u);
  EXPECT_EQ(segments[0].streams, 1u);
  EXPECT_EQ(segments[0].entries, 3u);
  EXPECT_EQ(segments[0].line_bytes, 18u);
  EXPECT_EQ(segments[0].bytes, Bytes().size());
  EXPECT_TRUE(findings_.empty());
}

TEST_F(WalWalkTest, FindsASegmentThatIsGoneBehindOneThatIsThere) {
  Write(3, /*segment_bytes=*/30);
  EXPECT_EQ(Walk().size(), 3u);
  EXPECT_FALSE(AnyFault());
  const std::map<std::string, std::string> sound = files_.Contents();
  for (const int gone : {1, 2, 3}) {
    const std::string path = "/wal/000000000" + std::to_string(gone) + ".wal";
    ASSERT_THAT(files_.Remove(path), IsOk());
    EXPECT_EQ(Walk().size(), 2u);
    EXPECT_EQ(AnyFault(), gone > 1) << "the oldest may have been stored";
    if (gone > 1) {
      EXPECT_EQ(findings_.front().file, path);
    }
    files_.Put(path, sound.at(path));
  }
}

TEST_F(WalWalkTest, FindsEveryFlippedByte) {
  Write(3);
  const size_t bytes = Bytes().size();
  for (size_t i = 0; i < bytes; ++i) {
    files_.FlipByte(kSegment, i, 0x10);
    Walk();
    EXPECT_TRUE(AnyFault()) << "byte " << i;
    files_.FlipByte(kSegment, i, 0x10);
  }
}

TEST_F(WalWalkTest, TakesAnUnfinishedEndForWhatACrashLeaves) {
  Write(3);
  const std::string whole = Bytes();
  for (size_t size = 0; size < whole.size(); ++size) {
    Replace(std::string_view(whole).substr(0, size));
    Walk();
    EXPECT_FALSE(AnyFault()) << findings_.front().ToLine();
  }
}

TEST_F(WalWalkTest, FindsASegmentThatIsCutThoughAnotherFollows) {
  Write(8, 200);
  EXPECT_GT(Walk().size(), 1u);
  EXPECT_TRUE(findings_.empty());
  const std::string bytes = Bytes();
  const size_t last_frame = bytes.rfind("SkWr");  // That only says which segment followed.
  for (size_t size = 0; size < last_frame; ++size) {
    Replace(std::string_view(bytes).substr(0, size));
    Walk();
    EXPECT_TRUE(AnyFault()) << size;
  }
}

TEST_F(WalWalkTest, FindsWhatAClosedLogHasLostSince) {
  Write(8, 200);
  std::map<std::string, std::string> sound = files_.Contents();
  ingester::WalEnd end;
  for (const WalSegmentSummary& segment : Walk()) end.segments[segment.segment] = segment.end;
  ASSERT_GT(end.segments.size(), 1u);
  sound["/wal/log.end"] = ingester::EncodeWalEnd(end);
  files_.Put("/wal/log.end", sound["/wal/log.end"]);
  Walk();
  EXPECT_TRUE(findings_.empty());
  for (const auto& [path, bytes] : sound) {
    SCOPED_TRACE(path);
    files_.Put(path, bytes.substr(0, bytes.size() - 1));
    Walk();
    ASSERT_TRUE(AnyFault());
    EXPECT_EQ(findings_.back().file, path);
    ASSERT_THAT(files_.Remove(path), IsOk());
    Walk();
    EXPECT_EQ(AnyFault(), path.ends_with(".wal"));
    files_.Put(path, bytes);
  }
}

TEST_F(WalWalkTest, TellsOnceOfASegmentThatAClosedLogHasLost) {
  Write(3, /*segment_bytes=*/30);
  ingester::WalEnd end;
  for (const WalSegmentSummary& segment : Walk()) end.segments[segment.segment] = segment.end;
  ASSERT_EQ(end.segments.size(), 3u);
  files_.Put("/wal/log.end", ingester::EncodeWalEnd(end));
  const std::string path = "/wal/0000000002.wal";
  const std::string sound = *files_.ReadAll(path);
  const size_t frame = sound.find("SkWr");
  std::string newer = sound;
  newer[8] = 2;
  const uint32_t crc = Crc32c(std::string_view(newer).substr(0, 20));
  std::memcpy(newer.data() + 20, &crc, sizeof crc);
  std::string zeros = sound.substr(0, frame);
  zeros.resize(sound.size());
  const std::map<std::string, std::string> cases = {
      {"is cut", sound.substr(0, frame)},
      {"is cut: it", zeros},
      {"version 2", newer},
      {"are no whole frame", sound.substr(0, frame) + std::string(sound.size(), 'x')}};
  for (const auto& [what, bytes] : cases) {
    files_.Put(path, bytes);
    Walk();
    EXPECT_THAT(Faults(path), testing::ElementsAre(testing::HasSubstr(what)));
  }
  files_.Put(path, sound);
  files_.Inject({.op = test::FaultyFileSystem::Op::kReadAll, .path_contains = path, .times = 1000});
  Walk();
  EXPECT_THAT(Faults(path), testing::ElementsAre(testing::HasSubstr("injected")));
  files_.ClearFaults();
  ASSERT_THAT(files_.Remove(path), IsOk());
  Walk();
  EXPECT_THAT(Faults(path), testing::ElementsAre(testing::HasSubstr("is gone")));
}

TEST_F(WalWalkTest, TellsWhereDamageBeginsAndGoesOnBehindIt) {
  Write(3);
  const size_t second = Bytes().find("SkWr", 25 + 24);
  files_.FlipByte(kSegment, second + 30, 1);
  const auto segments = Walk();
  EXPECT_EQ(segments[0].frames, 2u);
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_EQ(findings_[0].file, kSegment);
  EXPECT_EQ(findings_[0].offset, second);
}

}  // namespace
}  // namespace skald::maintenance

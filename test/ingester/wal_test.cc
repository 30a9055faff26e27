#include "ingester/wal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "ingester/ingester_metrics.h"
#include "ingester/wal_frame.h"
#include "support/faulty_file_system.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::ingester {
namespace {

using test::FaultyFileSystem;
using test::HasCode;
using test::IsOk;

class WalTest : public testing::Test {
 protected:
  void Open() {
    auto wal = Wal::Open(options_, files_, clock_);
    ASSERT_THAT(wal, IsOk());
    wal_ = *std::move(wal);
  }

  // Logs one entry as a push does.
  Status Write(const std::string& line, WalStream& stream) {
    SKALD_ASSIGN_OR_RETURN(const Wal::Reservation reservation, wal_->Reserve(line.size() + 100));
    const Wal::Ticket ticket = Enqueue(line, stream).ticket;
    return wal_->Commit(ticket, ticket);
  }
  Status Write(const std::string& line) { return Write(line, stream_); }

  Wal::Position Enqueue(const std::string& line, WalStream& stream) {
    WalEntriesEncoder encoder;
    encoder.Start(++seq_, 1);
    encoder.Add(1, line, {});
    return wal_->Enqueue(stream, "tenant", "labels", encoder.body());
  }

  // The lines in all segments, "!" for entries whose stream is not defined in theirs.
  std::vector<std::string> Lines() {
    auto wal = Wal::Open(options_, files_, clock_);
    EXPECT_THAT(wal, IsOk());
    std::vector<std::string> out;
    for (const uint64_t segment : (*wal)->Segments()) {
      auto bytes = files_.ReadAll((*wal)->SegmentPath(segment));
      EXPECT_THAT(bytes, IsOk());
      EXPECT_THAT(CheckWalSegmentHeader(*bytes, segment), IsOk());
      ReadSegment(std::string_view(*bytes).substr(kWalSegmentHeaderBytes), segment, out);
    }
    return out;
  }

  static void ReadSegment(std::string_view bytes, uint64_t segment, std::vector<std::string>& out) {
    WalFrameReader frames(bytes, segment);
    std::set<uint64_t> defined;
    while (auto payload = frames.Next()) {
      WalItemReader items(*payload);
      for (auto item = items.Next(); item.ok() && *item; item = items.Next()) {
        if (std::holds_alternative<WalPredecessor>(**item) ||
            std::holds_alternative<WalSuccessor>(**item)) {
          continue;
        }
        if (const auto* definition = std::get_if<WalDefinition>(&**item)) {
          defined.insert(definition->stream);
          continue;
        }
        const WalEntries& entries = *std::get<const WalEntries*>(**item);
        if (!defined.contains(entries.stream)) out.push_back("!");
        for (const model::PushEntry& entry : entries.entries) out.emplace_back(entry.line);
      }
    }
  }

  WalOptions options_{.dir = "wal", .segment_bytes = 4096, .reserve_bytes = 1024};
  FaultyFileSystem files_;
  test::ManualClock clock_;
  std::unique_ptr<Wal> wal_;
  WalStream stream_;
  uint64_t seq_ = 0;
};

TEST_F(WalTest, KeepsCommittedEntriesThroughAPowerFailure) {
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  ASSERT_THAT(Write("two"), IsOk());
  Enqueue("never committed", stream_);
  files_.Crash();
  EXPECT_EQ(Lines(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(WalTest, KeepsEntriesThroughTheDeathOfTheProcessWithoutSync) {
  options_.sync = false;
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  EXPECT_EQ(files_.calls(FaultyFileSystem::Op::kSync), 1);  // The header's.
  files_.Kill();
  EXPECT_EQ(Lines(), (std::vector<std::string>{"one"}));
}

TEST_F(WalTest, DefinesAStreamInEachSegment) {
  Open();
  std::vector<std::string> written;
  for (int i = 0; i < 40; ++i) {
    written.push_back(std::to_string(i) + std::string(500, 'x'));
    ASSERT_THAT(Write(written.back()), IsOk());
  }
  EXPECT_GT(wal_->Segments().size(), 4u);
  EXPECT_EQ(wal_->Segments().back(), wal_->CurrentSegment());
  files_.Crash();
  EXPECT_EQ(Lines(), written);
}

TEST_F(WalTest, WritesWhatIsQueuedByManyAtOnce) {
  Open();
  auto reservation = wal_->Reserve(1000);
  ASSERT_THAT(reservation, IsOk());
  const int before = files_.calls(FaultyFileSystem::Op::kSync);
  std::vector<WalStream> streams(10);
  Wal::Ticket last = 0;
  for (WalStream& stream : streams) last = Enqueue("line", stream).ticket;
  ASSERT_THAT(wal_->Commit(last - 9, last), IsOk());
  EXPECT_EQ(files_.calls(FaultyFileSystem::Op::kSync), before + 1);
  EXPECT_EQ(Lines().size(), 10u);
}

// A text of 1000 bytes that shrinks, and how its entries are logged.
struct TextPush {
  explicit TextPush(char filling) : raw(1000, filling) {
    Compress(Codec::kSnappy, raw, packed);
    text = {.raw = raw, .packed = packed};
  }
  std::string_view Encode(size_t line_bytes) {
    encoder.Start(1, 1, raw);
    encoder.Add(1, std::string_view(raw).substr(0, line_bytes), {});
    return encoder.body();
  }

  std::string raw;
  std::string packed;
  WalText text;
  WalEntriesEncoder encoder;
};

TEST_F(WalTest, WritesATextOnceForAllStreamsOfAFrame) {
  Open();
  auto reservation = wal_->Reserve(3000);
  ASSERT_THAT(reservation, IsOk());
  TextPush a('a');
  TextPush b('b');
  std::vector<WalStream> streams(3);
  Wal::Ticket last = 0;
  for (WalStream& stream : streams) {
    for (TextPush* push : {&a, &b}) {
      const auto position =
          wal_->Enqueue(stream, "tenant", "labels", push->Encode(900), push->text);
      ASSERT_TRUE(position.has_value());
      last = position->ticket;
    }
  }
  ASSERT_THAT(wal_->Commit(last - 5, last), IsOk());
  const std::string as(900, 'a');
  const std::string bs(900, 'b');
  EXPECT_EQ(Lines(), (std::vector<std::string>{as, bs, as, bs, as, bs}));
  EXPECT_EQ(a.text.copies, 1u);
  EXPECT_LT(wal_->BytesInUse(), 500u);
}

TEST_F(WalTest, WritesATextAgainForAnotherFrameButNotForever) {
  Open();
  auto reservation = wal_->Reserve(3000);
  ASSERT_THAT(reservation, IsOk());
  TextPush push('a');
  std::vector<std::string> lines;
  for (uint64_t frame = 1; frame <= Wal::kMaxTextCopies; ++frame) {
    const auto position = wal_->Enqueue(stream_, "tenant", "labels", push.Encode(frame), push.text);
    ASSERT_TRUE(position.has_value());
    ASSERT_THAT(wal_->Commit(position->ticket, position->ticket), IsOk());
    lines.push_back(std::string(frame, 'a'));
  }
  EXPECT_EQ(Lines(), lines);
  EXPECT_EQ(wal_->Enqueue(stream_, "tenant", "labels", push.Encode(9), push.text), std::nullopt);
  ASSERT_THAT(Write("goes on"), IsOk());
}

TEST_F(WalTest, BeginsBehindTheSegmentsItFinds) {
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  ASSERT_THAT(wal_->Close(), IsOk());
  Open();
  EXPECT_EQ(wal_->Segments(), (std::vector<uint64_t>{1}));
  EXPECT_EQ(wal_->CurrentSegment(), 2u);
  stream_ = {};
  ASSERT_THAT(Write("two"), IsOk());
  EXPECT_EQ(Lines(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(WalTest, RefusesAPushThatDoesNotFitOnTheDisk) {
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  files_.Inject(
      {.op = FaultyFileSystem::Op::kReserve, .code = StatusCode::kResourceExhausted, .times = 3});
  EXPECT_THAT(wal_->Reserve(1 << 20), HasCode(StatusCode::kUnavailable));
  // What was reserved before is still good.
  EXPECT_THAT(Write("two"), IsOk());
  files_.ClearFaults();
  EXPECT_THAT(wal_->Reserve(1 << 20), IsOk());
  EXPECT_EQ(Lines(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(WalTest, RefusesPushesWhenTheDiskIsFullerThanTheThreshold) {
  options_.disk_full_threshold = 0.5;
  files_.SetCapacity(10'000);
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  ASSERT_THAT(files_.AtomicWrite("other", std::string(6000, 'x')), IsOk());
  clock_.Advance(std::chrono::seconds(2));
  EXPECT_THAT(Write("two"), HasCode(StatusCode::kUnavailable));
  ASSERT_THAT(files_.Remove("other"), IsOk());
  clock_.Advance(std::chrono::seconds(2));
  EXPECT_THAT(Write("three"), IsOk());
}

TEST_F(WalTest, WithoutAThresholdFillsTheDisk) {
  options_.disk_full_threshold = 0;
  files_.SetCapacity(10'000);
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  ASSERT_THAT(files_.AtomicWrite("other", std::string(6000, 'x')), IsOk());
  clock_.Advance(std::chrono::seconds(2));
  EXPECT_THAT(Write("two"), IsOk());
}

struct WriteFault {
  FaultyFileSystem::Op op;
  size_t short_bytes;
};

class WalFaultTest : public WalTest, public testing::WithParamInterface<WriteFault> {};

TEST_P(WalFaultTest, FailsThePushAndGoesOnInANewSegment) {
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  files_.Inject({.op = GetParam().op, .short_bytes = GetParam().short_bytes});
  EXPECT_THAT(Write("two"), HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(wal_->Failed(2));
  EXPECT_FALSE(wal_->Failed(1));
  ASSERT_THAT(Write("three"), IsOk());
  EXPECT_EQ(wal_->CurrentSegment(), 2u);
  files_.Crash();
  EXPECT_EQ(Lines(), (std::vector<std::string>{"one", "three"}));
}

INSTANTIATE_TEST_SUITE_P(Faults, WalFaultTest,
                         testing::Values(WriteFault{FaultyFileSystem::Op::kAppend, 0},
                                         WriteFault{FaultyFileSystem::Op::kAppend, 30},
                                         WriteFault{FaultyFileSystem::Op::kSync, 0}));

TEST_F(WalTest, FailsWhatIsEnqueuedBehindAFailedWrite) {
  Open();
  auto first = wal_->Reserve(100);
  auto second = wal_->Reserve(100);
  files_.Inject({.op = FaultyFileSystem::Op::kAppend});
  const Wal::Ticket one = Enqueue("one", stream_).ticket;
  EXPECT_THAT(wal_->Commit(one, one), HasCode(StatusCode::kUnavailable));
  // Its definition was lost with the first.
  const Wal::Ticket two = Enqueue("two", stream_).ticket;
  EXPECT_THAT(wal_->Commit(two, two), HasCode(StatusCode::kUnavailable));
  ASSERT_THAT(Write("three"), IsOk());
  EXPECT_EQ(Lines(), (std::vector<std::string>{"three"}));
}

TEST_F(WalTest, RemovesOnlyClosedSegments) {
  Open();
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Write(std::string(500, 'x')), IsOk());
  const uint64_t current = wal_->CurrentSegment();
  ASSERT_GT(current, 2u);
  ASSERT_THAT(wal_->RemoveBelow(2), IsOk());
  EXPECT_EQ(wal_->Segments().front(), 2u);
  const Counter removed = IngesterMetrics::Get().checkpoint_deletions;
  const double before = removed.value();
  const size_t segments = wal_->Segments().size();
  ASSERT_THAT(wal_->RemoveBelow(current + 10), IsOk());
  EXPECT_EQ(removed.value() - before, static_cast<double>(segments - wal_->Segments().size()));
  EXPECT_GT(removed.value(), before);
  EXPECT_EQ(wal_->Segments(), (std::vector<uint64_t>{current}));
  EXPECT_LT(wal_->BytesInUse(), 2 * options_.segment_bytes);
}

TEST_F(WalTest, RemovesNoSegmentBehindOneThatCannotBeRemoved) {
  Open();
  for (int i = 0; i < 40; ++i) ASSERT_THAT(Write(std::string(500, 'x')), IsOk());
  const std::vector<uint64_t> before = wal_->Segments();
  const uint64_t current = wal_->CurrentSegment();
  files_.Inject({.op = FaultyFileSystem::Op::kRemove, .after = 1});
  EXPECT_THAT(wal_->RemoveBelow(current), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(wal_->Segments(), std::vector<uint64_t>(before.begin() + 1, before.end()));
  EXPECT_EQ(files_.List("wal")->size(), before.size() - 1);
  ASSERT_THAT(wal_->RemoveBelow(current), IsOk());
  EXPECT_EQ(files_.List("wal")->size(), 1u);
}

TEST_F(WalTest, NamesTheSegmentToKeepForASize) {
  Open();
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Write(std::string(500, 'x')), IsOk());
  EXPECT_EQ(wal_->SegmentToKeepWithin(1 << 20), 1u);
  EXPECT_EQ(wal_->SegmentToKeepWithin(2 * options_.segment_bytes + 500),
            wal_->CurrentSegment() - 1);
}

TEST_F(WalTest, TellsHowMuchOfEachSegmentIsWritten) {
  Open();
  EXPECT_TRUE(wal_->Extents().empty());
  while (wal_->Segments().size() < 2) ASSERT_THAT(Write(std::string(1000, 'x')), IsOk());
  const std::vector<Wal::Extent> extents = wal_->Extents();
  ASSERT_EQ(extents.size(), 2u);
  for (const Wal::Extent& extent : extents) {
    EXPECT_EQ(extent.bytes, files_.ReadAll(wal_->SegmentPath(extent.segment))->size());
  }
  EXPECT_FALSE(extents[0].growing);
  EXPECT_TRUE(extents[1].growing);
}

TEST_F(WalTest, ClosesASegmentAfterSomeTime) {
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  clock_.Advance(options_.checkpoint_duration + std::chrono::seconds(1));
  ASSERT_THAT(Write("two"), IsOk());
  EXPECT_EQ(wal_->CurrentSegment(), 2u);
  EXPECT_EQ(Lines(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(WalTest, GivesBackReservedSpace) {
  files_.SetCapacity(3000);
  options_.disk_full_threshold = 1;
  Open();
  for (int i = 0; i < 100; ++i) EXPECT_THAT(wal_->Reserve(1000), IsOk());
}

TEST_F(WalTest, RefusesAfterClose) {
  Open();
  ASSERT_THAT(Write("one"), IsOk());
  ASSERT_THAT(wal_->Close(), IsOk());
  ASSERT_THAT(wal_->Close(), IsOk());
  EXPECT_THAT(wal_->Reserve(1), HasCode(StatusCode::kUnavailable));
}

TEST_F(WalTest, TakesManyWritersAtOnce) {
  Open();
  constexpr int kThreads = 8;
  constexpr int kWrites = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      WalStream stream;
      for (int i = 0; i < kWrites; ++i) {
        const std::string line = std::to_string(t) + ":" + std::to_string(i);
        auto reservation = wal_->Reserve(line.size() + 100);
        ASSERT_THAT(reservation, IsOk());
        WalEntriesEncoder encoder;
        encoder.Start(1, 1);
        encoder.Add(1, line, {});
        const Wal::Position at = wal_->Enqueue(stream, "tenant", "labels", encoder.body());
        ASSERT_THAT(wal_->Commit(at.ticket, at.ticket), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  files_.Crash();
  std::vector<std::string> lines = Lines();
  EXPECT_EQ(lines.size(), static_cast<size_t>(kThreads * kWrites));
  std::ranges::sort(lines);
  EXPECT_EQ(std::ranges::adjacent_find(lines), lines.end());
  EXPECT_NE(lines.front(), "!");
}

}  // namespace
}  // namespace skald::ingester

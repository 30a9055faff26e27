#include "deletes/eraser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "patterns/pattern_entry.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::deletes {
namespace {

using test::HasCode;
using test::IsOk;
using test::kStartNs;
using test::TestEntry;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kStartMs = kStartNs / 1'000'000;

class EraserTest : public chunkstore::StoreFixture {
 protected:
  EraserTest() {
    auto requests = RequestStore::Open(
        {.folder = "/deletes", .cancel_period = std::chrono::hours(1)}, files_, limits_, clock_);
    EXPECT_THAT(requests, IsOk());
    requests_ = *std::move(requests);
    MakeEraser();
  }

  void MakeEraser() {
    remover_ = std::make_unique<chunkstore::PackRemover>(store_->parts(), clock_);
    eraser_ = std::make_unique<Eraser>(chunkstore::CompactionJobOptions(),
                                       Eraser::Parts{.requests = *requests_,
                                                     .store = store_->parts(),
                                                     .remover = *remover_,
                                                     .flush_off_log = [this] { return Flush(); },
                                                     .clock = clock_});
  }
  // The process ends somewhere and begins anew.
  void Restart() {
    eraser_.reset();
    remover_.reset();
    Reopen();
    MakeEraser();
  }

  Status Flush() {
    ++flushes_;
    if (on_flush_) on_flush_();
    return std::exchange(flush_status_, Status());
  }
  Status RunRound() { return eraser_->RunRound(cancel_); }

  // Of an hour from the first entry on, unless told else. Due at once.
  DeleteRequest Ask(const std::string& query, int64_t piece_ms = 0, int64_t hours = 1) {
    const auto added = requests_->Add({.tenant = kTenant,
                                       .query = query,
                                       .start_ms = kStartMs,
                                       .end_ms = kStartMs + hours * kHourMs,
                                       .piece_ms = piece_ms});
    EXPECT_THAT(added, IsOk());
    clock_.Advance(std::chrono::minutes(61));
    return *added;
  }
  std::string StatusOf(const DeleteRequest& request) {
    for (const DeleteRequest& one : requests_->List(kTenant)) {
      if (one.id == request.id) return StatusText(one);
    }
    return "none";
  }

  void PutLines(const std::string& app, const std::vector<std::string>& lines, int64_t hour = 0) {
    std::vector<TestEntry> entries;
    for (const std::string& line : lines) {
      ++seq_;
      entries.push_back({.time = kStartNs + hour * kHourMs * 1'000'000 + static_cast<int64_t>(seq_),
                         .seq = seq_,
                         .line = line});
    }
    Put({{"app", app}}, entries);
  }
  // What is written down of a pattern of the app's lines, seconds from the first entry's time on.
  void PutPattern(const std::string& app, const std::string& pattern, int64_t seconds) {
    const int64_t at = kStartNs / 1'000'000'000 + seconds;
    const std::string line = patterns::FormatPatternEntry(
        {.seconds = at,
         .step_seconds = 10,
         .samples = {{at, 1}, {at + 50, 1}},
         .origin = {.run = 1, .id = ++seq_, .batch = 1},
         .level = "info",
         .pattern = pattern,
         .labels = patterns::FieldsOf({{"app", app}, {"service_name", "svc"}})});
    Put({{"__pattern__", "svc"}}, {{.time = at * 1'000'000'000, .seq = seq_, .line = line}});
  }
  // Before, in and after the first hour.
  void PutPatterns() {
    PutLines("a", {"secret 1"});
    PutPattern("a", "begins before <_>", -50);
    PutPattern("a", "before", -70);
    PutPattern("a", "secret <_>", 60);
    PutPattern("a", "kept", 60);
    PutPattern("b", "secret <_>", 60);
    PutPattern("a", "after", 3610);
  }
  // Of those that are left.
  std::vector<std::string> AllPatterns() {
    std::vector<std::string> found;
    patterns::PatternEntry entry;
    for (const std::string& line : AllLines()) {
      if (patterns::ParsePatternEntry(line, entry)) found.push_back(entry.pattern);
    }
    return found;
  }
  std::vector<std::string> AllLines() {
    std::vector<std::string> lines;
    for (const TestEntry& entry : Read(Request())) lines.push_back(entry.line);
    return lines;
  }
  // As a query sees them: what is hidden is asked for first.
  std::vector<std::string> VisibleLines() {
    const auto filters = requests_->Of(kTenant);
    model::ScanContext context;
    const auto scans = store_->Select(Request(), context);
    EXPECT_THAT(scans, IsOk());
    std::vector<std::string> lines;
    for (const auto& scan : *scans) {
      const auto filter = filters == nullptr
                              ? nullptr
                              : filters->For(*scan->labels(), scan->first_ns(), scan->last_ns());
      const auto source = scan->Open();
      for (auto batch = source->Next(); batch.ok() && *batch != nullptr; batch = source->Next()) {
        const Status applied = filter == nullptr ? Status() : filter->Apply(**batch);
        EXPECT_THAT(applied, IsOk());
        for (const uint32_t row : (*batch)->selection) {
          lines.emplace_back((*batch)->block->lines[row]);
        }
      }
    }
    EXPECT_THAT(context.warnings.Take(), IsEmpty());
    return lines;
  }
  void CompactAll() {
    const std::vector<chunkstore::ObjectEntry> packs = *objects_->List("packs/");
    ASSERT_THAT(CompactPacks(store_->parts(), packs, {}, CancelToken()), IsOk());
    std::vector<std::string> replaced;
    for (const chunkstore::ObjectEntry& pack : packs) replaced.push_back(pack.key);
    remover_->Forgotten(std::move(replaced));
  }
  size_t PackCount() { return objects_->List("packs/")->size(); }

  StaticLimits limits_{Limits()};
  std::unique_ptr<RequestStore> requests_;
  std::unique_ptr<chunkstore::PackRemover> remover_;
  std::unique_ptr<Eraser> eraser_;
  CancelToken cancel_;
  std::function<void()> on_flush_;
  Status flush_status_;
  int flushes_ = 0;
  uint64_t seq_ = 0;
};

TEST_F(EraserTest, ErasesWhatIsDueAndMarksIt) {
  PutLines("a", {"keep 1", "secret 2"});
  PutLines("b", {"secret 3"});
  const DeleteRequest request = Ask("{app=\"a\"} |= \"secret\"");
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(StatusOf(request), "processed");
  EXPECT_THAT(AllLines(), ElementsAre("keep 1", "secret 3"));
  EXPECT_EQ(requests_->Of(kTenant), nullptr);
}

TEST_F(EraserTest, ErasesWhatWasWrittenDownOfPatterns) {
  PutPatterns();
  const DeleteRequest request = Ask("{app=\"a\"} |= \"secret\"");
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(StatusOf(request), "processed");
  EXPECT_THAT(AllPatterns(), UnorderedElementsAre("before", "kept", "secret <_>", "after"));
  Ask("{service_name=\"svc\"}", 0, 2);
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(AllPatterns(), ElementsAre("before"));
  EXPECT_EQ(requests_->Of(kTenant), nullptr);
}

TEST_F(EraserTest, ErasesWhatWasWrittenDownOfPatternsFromCompactedPacks) {
  PutPatterns();
  CompactAll();
  Ask("{app=\"a\"} |= \"secret\"");
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(AllPatterns(), UnorderedElementsAre("before", "kept", "secret <_>", "after"));
}

TEST_F(EraserTest, PiecesAreNotDoneWhileTheirPatternsAreThere) {
  for (int64_t hour = 0; hour < 4; ++hour) PutLines("a", {"keep"}, hour);
  PutPattern("a", "secret <_>",
             2 * 3600 - 30);  // Begins in the second hour, and ends in the third.
  const DeleteRequest request = Ask("{app=\"a\"} |= \"secret\"", kHourMs, 4);
  std::vector<std::string> states;
  on_flush_ = [&] { states.push_back(StatusOf(request)); };
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_THAT(states, ElementsAre("received", "25% Complete"));
  EXPECT_EQ(StatusOf(request), "processed");
  EXPECT_THAT(AllPatterns(), IsEmpty());
}

TEST_F(EraserTest, LeavesAloneWhatMayBeCancelledYetAndDoesNotFlushForIt) {
  PutLines("a", {"secret"});
  const auto early = requests_->Add({.tenant = kTenant,
                                     .query = "{app=\"a\"}",
                                     .start_ms = kStartMs,
                                     .end_ms = kStartMs + kHourMs});
  ASSERT_THAT(early, IsOk());
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(flushes_, 0);
  EXPECT_EQ(StatusOf(*early), "received");
  EXPECT_THAT(AllLines(), SizeIs(1));
}

TEST_F(EraserTest, FindsWhatArrivesWhileItWorks) {
  PutLines("a", {"secret 1"});
  const DeleteRequest request = Ask("{app=\"a\"}");
  on_flush_ = [&] {
    if (flushes_ == 2) PutLines("a", {"secret 2"});  // Was in memory until now.
  };
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(flushes_, 3);
  EXPECT_EQ(StatusOf(request), "processed");
  EXPECT_THAT(AllLines(), IsEmpty());
}

TEST_F(EraserTest, WaitsForQueriesThatReadWhatWasReplaced) {
  PutLines("a", {"secret"});
  const DeleteRequest request = Ask("{app=\"a\"}");
  {
    model::ScanContext context;
    const auto scans = store_->Select(Request(), context);
    ASSERT_THAT(scans, IsOk());
    ASSERT_THAT(RunRound(), IsOk());
    EXPECT_EQ(PackCount(), 1u);
    EXPECT_EQ(StatusOf(request), "received");
  }
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(PackCount(), 0u);
  EXPECT_EQ(StatusOf(request), "processed");
}

TEST_F(EraserTest, TellsHowFarARequestOfManyPiecesIs) {
  for (int64_t hour = 0; hour < 4; ++hour) PutLines("a", {"keep", "secret"}, hour);
  const DeleteRequest request = Ask("{app=\"a\"} |= \"secret\"", kHourMs, 4);
  std::vector<std::string> states;
  on_flush_ = [&] { states.push_back(StatusOf(request)); };
  PutLines("a", {"secret"}, 2);
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(StatusOf(request), "processed");
  EXPECT_THAT(states, ElementsAre("received", "received"));
  EXPECT_THAT(AllLines(), SizeIs(4));
}

TEST_F(EraserTest, MarksPiecesBeforeTheFirstThatCannotBeErased) {
  for (int64_t hour = 0; hour < 4; ++hour) PutLines("a", {"keep", "secret"}, hour);
  const DeleteRequest request = Ask("{app=\"a\"} |= \"secret\"", kHourMs, 4);
  const std::string third = (*objects_->List("packs/"))[2].key;
  std::string bytes = *files_.ReadAll("/chunks/" + third);
  for (size_t i = 8; i < 60; ++i) bytes[i] ^= 0x5a;
  ASSERT_THAT(files_.AtomicWrite("/chunks/" + third, bytes), IsOk());
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(StatusOf(request), "50% Complete");
  EXPECT_NE(requests_->Of(kTenant), nullptr) << "what is left stays hidden";
  const int flushes = flushes_;
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(flushes_, flushes) << "it waits";
  clock_.Advance(std::chrono::minutes(2));
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_GT(flushes_, flushes);
}

TEST_F(EraserTest, NothingIsMarkedWhenMemoryCannotBeFlushed) {
  PutLines("a", {"keep"});
  const DeleteRequest request = Ask("{app=\"a\"} |= \"secret\"");
  flush_status_ = Unavailable("disk");
  EXPECT_THAT(RunRound(), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(StatusOf(request), "received");
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(StatusOf(request), "processed");
}

// Run under ThreadSanitizer as well.
TEST_F(EraserTest, QueriesBesideItSeeWhatStaysOnceAndNothingOfWhatGoes) {
  constexpr size_t kRounds = 12;
  std::atomic<size_t> stored = 0;  // Rounds whose lines are there, ...
  std::atomic<size_t> asked = 0;   // ... and those whose secrets are to go.
  std::atomic<bool> done = false;
  std::atomic<int> queries = 0;
  const auto query = [&] {
    const size_t there = stored;
    const size_t gone = asked;
    std::map<std::string, int> seen;
    for (const std::string& line : VisibleLines()) ++seen[line];
    for (size_t i = 0; i < there; ++i) EXPECT_EQ(seen["keep " + std::to_string(i)], 1) << i;
    for (size_t i = 0; i < gone; ++i) EXPECT_EQ(seen.count("secret " + std::to_string(i)), 0u) << i;
    ++queries;
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) query();
    });
  }
  for (size_t i = 0; i < kRounds; ++i) {
    const std::string number = std::to_string(i);
    PutLines("a", {"keep " + number, "secret " + number});
    stored = i + 1;
    if (i % 3 == 2) CompactAll();
    const DeleteRequest request = Ask("{app=\"a\"} |= \"secret " + number + "\"");
    asked = i + 1;
    while (StatusOf(request) != "processed" && !HasFailure()) EXPECT_THAT(RunRound(), IsOk());
  }
  while (queries < 20) std::this_thread::yield();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_THAT(AllLines(), SizeIs(kRounds));
}

TEST_F(EraserTest, AFailureAtAnyCallOfTheDiskIsMadeGoodByTheNextRound) {
  bool failed = true;
  for (int calls = 0; failed && calls < 200; ++calls) {
    PutLines("a", {"keep", "secret"});
    PutLines("b", {"keep"});
    const DeleteRequest request = Ask("{app=\"a\"} |= \"secret\"");
    files_.FailFromCall(calls);
    (void)RunRound();
    failed = files_.failing();
    files_.ClearFaults();
    Restart();
    ASSERT_THAT(RunRound(), IsOk());
    ASSERT_EQ(StatusOf(request), "processed") << "after " << calls << " calls";
    ASSERT_THAT(AllLines(), ElementsAre("keep", "keep")) << "after " << calls << " calls";
    Ask("{}");  // The next begins with an empty store.
    ASSERT_THAT(RunRound(), IsOk());
    ASSERT_EQ(PackCount(), 0u);
  }
  EXPECT_FALSE(failed);
}

TEST_F(EraserTest, ACancelledRequestIsNotMarked) {
  PutLines("a", {"secret"});
  const DeleteRequest request = Ask("{app=\"a\"} |= \"secret\"");
  on_flush_ = [&] {
    if (flushes_ > 1) return;
    ASSERT_THAT(requests_->Cancel(kTenant, request.id, true), IsOk());
  };
  ASSERT_THAT(RunRound(), IsOk());
  EXPECT_EQ(StatusOf(request), "none");
  EXPECT_THAT(AllLines(), SizeIs(1));
}

TEST_F(EraserTest, GivesUpWhenTold) {
  PutLines("a", {"secret"});
  const DeleteRequest request = Ask("{app=\"a\"}");
  cancel_.Cancel();
  EXPECT_THAT(RunRound(), HasCode(StatusCode::kCancelled));
  EXPECT_EQ(StatusOf(request), "received");
}

}  // namespace
}  // namespace skald::deletes

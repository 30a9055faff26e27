#include "chunkstore/compact/compactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/compactor_fixture.h"
#include "chunkstore/filter_sizes.h"
#include "chunkstore/test_entries.h"
#include "common/metrics.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::ScanContext;
using model::ScanRequest;
using test::HasCode;
using test::IsOk;
using test::kStartNs;
using test::TestEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using CompactorTest = CompactorFixture;

TEST_F(CompactorTest, JoinsFreshPacksAndKeepsEveryEntryOnce) {
  const std::vector<TestEntry> entries = PutOverlapping();
  ASSERT_THAT(Packs(), SizeIs(6));
  ASSERT_THAT(Compact(), IsOk());
  EXPECT_THAT(Packs(), ElementsAre(HasSubstr("-2023-11-14")));
  for (const char* app : {"api", "web"}) {
    ScanContext context;
    EXPECT_EQ(ReadStream(app), entries);
  }
  EXPECT_EQ(store_->Stats({kTenant})->entries, 2 * entries.size());
  EXPECT_EQ(store_->Stats({kTenant})->chunks, 2u);
}

TEST_F(CompactorTest, WhatItWroteIsThereAfterReopeningAndWithoutAnIndex) {
  const std::vector<TestEntry> entries = PutOverlapping();
  ASSERT_THAT(Compact(), IsOk());
  Reopen();
  EXPECT_EQ(ReadStream("api"), entries);
  store_.reset();
  std::filesystem::remove_all(IndexFolder());
  Reopen();
  EXPECT_EQ(ReadStream("api"), entries);
}

TEST_F(CompactorTest, ASearchOfCompactedLinesFindsWhatItFoundBefore) {
  const std::vector<TestEntry> entries = PutOverlapping();
  // A literal of the lines; one that a label which only the line has must be made of.
  std::vector<ScanRequest> requests(3, Request());
  requests[0].literals = {{.any_of = {"commit", "TIMEOUT"}}};
  requests[1].literals = {{.any_of = {"timeout"}, .fold_case = true}, {.any_of = {"error"}}};
  requests[2].label_literals = {{.literal = {.any_of = {"404"}}, .unless_labels = {"status"}}};
  const auto wanted = [&](size_t request, const TestEntry& entry) {
    const auto holds = [&](const char* text) { return entry.line.find(text) != entry.line.npos; };
    if (request == 0) return holds("commit") || holds("TIMEOUT");
    if (request == 1) return holds("TIMEOUT") && holds("error");
    return holds("404");
  };
  ASSERT_THAT(Compact(), IsOk());
  for (size_t i = 0; i < requests.size(); ++i) {
    Reopen();  // A block in the cache tells nothing of its rows.
    size_t expected = 0;
    for (const TestEntry& entry : entries) expected += wanted(i, entry) ? 2 : 0;
    size_t found = 0;
    const std::vector<TestEntry> read = Read(requests[i]);
    for (const TestEntry& entry : read) found += wanted(i, entry) ? 1 : 0;
    EXPECT_EQ(found, expected) << "request " << i;
    EXPECT_GT(found, 0u) << "request " << i;
    EXPECT_LT(read.size(), 2 * entries.size()) << "request " << i;
  }
}

// However many ids there are.
TEST_F(CompactorTest, FiltersTakeATenthOfThePacksColumnsAndNoMore) {
  test::EntryGenerator generator(8);
  for (const int ids : {1, 2, 6}) {
    SCOPED_TRACE(std::to_string(ids) + " ids a line");
    std::vector<TestEntry> entries = generator.Entries(8'000, kStartNs + ids * kDayNs, 1'000'000);
    for (TestEntry& entry : entries) {
      entry.metadata.clear();
      for (int i = 0; i < ids; ++i) entry.line += " id=" + generator.Hex(32);
    }
    Put({{"app", "api"}}, entries);
    ASSERT_THAT(Compact(), IsOk());
    const test::FilterSizes sizes =
        test::SizesOfFilters(objects_->List("packs/")->back(), *objects_);
    EXPECT_GT(sizes.id_keys, entries.size());
    EXPECT_LE(sizes.share(), 0.1);
    EXPECT_GT(sizes.share(), 0.085) << "more room than it need be is left unused";
    EXPECT_GT(sizes.of_pack, sizes.of_blocks / 2);
  }
}

TEST_F(CompactorTest, EachDayGetsPacksOfItsOwn) {
  test::EntryGenerator generator(2);
  std::vector<TestEntry> entries;
  for (int day = 0; day < 3; ++day) {
    for (TestEntry& entry : generator.Entries(100, kStartNs + day * kDayNs)) {
      entries.push_back(std::move(entry));
    }
  }
  Put({{"app", "api"}}, entries);
  ASSERT_THAT(Compact(), IsOk());
  EXPECT_THAT(Packs(), ElementsAre(HasSubstr("-2023-11-14"), HasSubstr("-2023-11-15"),
                                   HasSubstr("-2023-11-16")));
  EXPECT_EQ(ReadStream("api"), entries);
}

TEST_F(CompactorTest, EntriesOfOneTimeStayInTheOrderInWhichTheyCame) {
  std::vector<TestEntry> entries;
  std::vector<std::vector<TestEntry>> parts(3);
  for (size_t i = 0; i < 300; ++i) {
    // Lines whose order is another.
    entries.push_back({.seq = i + 1, .line = "line " + std::to_string(i * 7919 % 300)});
    parts[i * 5 % 3].push_back(entries.back());
  }
  const auto check = [&] {
    for (const auto direction : {model::Direction::kForward, model::Direction::kBackward}) {
      ScanRequest request = Request();
      request.direction = direction;
      std::vector<TestEntry> read = Read(request);
      if (direction == model::Direction::kBackward) std::ranges::reverse(read);
      EXPECT_EQ(read, entries);
    }
  };
  // Also where blocks and chunks end between entries of one time.
  for (const std::vector<TestEntry>& part : parts) {
    Put({{"app", "api"}}, part, {.block_bytes = 300});
  }
  check();
  Compactor::Options options;
  options.job.merger.sealer.block_bytes = 300;
  options.job.merger.gather_bytes = 2'000;
  ASSERT_THAT(MakeCompactor(options).RunRound(), IsOk());
  EXPECT_THAT(Packs(), ElementsAre(HasSubstr("-2023-11-14")));
  EXPECT_GT(store_->Stats({kTenant})->chunks, 1u);
  check();
}

TEST_F(CompactorTest, ASecondRoundFindsNothingToDo) {
  PutOverlapping();
  ASSERT_THAT(Compact(), IsOk());
  const std::vector<std::string> packs = Packs();
  ASSERT_THAT(Compact(), IsOk());
  EXPECT_EQ(Packs(), packs);
}

TEST_F(CompactorTest, AQueryThatHasBegunReadsOnInThePacksItKnows) {
  const std::vector<TestEntry> entries = PutOverlapping();
  ScanContext context;
  auto scans = store_->Select(Request(), context);
  ASSERT_THAT(scans, IsOk());
  Compactor compactor = MakeCompactor();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), SizeIs(7));
  size_t rows = 0;
  for (const auto& scan : *scans) {
    const auto source = scan->Open();
    for (auto batch = source->Next(); batch.ok() && *batch != nullptr; batch = source->Next()) {
      rows += (*batch)->selection.size();
    }
  }
  EXPECT_EQ(rows, 2 * entries.size());
  EXPECT_THAT(context.warnings.Take(), IsEmpty());
  scans->clear();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), SizeIs(1));
}

// Whatever call fails, and wherever the process dies for it, no entry is lost or doubled.
TEST_F(CompactorTest, ACrashAtAnyCallLosesAndDoublesNothing) {
  const std::vector<TestEntry> entries = PutOverlapping();
  int calls = 0;
  for (bool failed = true; failed; ++calls) {
    files_.FailFromCall(calls);
    (void)Compact();
    failed = files_.failing();
    files_.ClearFaults();
    files_.Crash();
    Reopen();
    ASSERT_EQ(ReadStream("api"), entries) << "call " << calls;
    ASSERT_EQ(ReadStream("web"), entries) << "call " << calls;
  }
  EXPECT_GT(calls, 10);
  EXPECT_THAT(Packs(), SizeIs(1));
}

TEST_F(CompactorTest, AFullDiskLeavesEverythingAsItWasAndNothingBehind) {
  const std::vector<TestEntry> entries = PutOverlapping();
  const std::vector<std::string> packs = Packs();
  files_.Inject(
      {.op = test::FaultyFileSystem::Op::kRename, .code = StatusCode::kResourceExhausted});
  EXPECT_THAT(Compact(), HasCode(StatusCode::kResourceExhausted));
  EXPECT_EQ(Packs(), packs);
  EXPECT_EQ(ReadStream("api"), entries);
  EXPECT_THAT(Compact(), IsOk());
  EXPECT_EQ(ReadStream("api"), entries);
}

TEST_F(CompactorTest, APackThatCouldNotBeRemovedIsRemovedInTheNextRound) {
  const std::vector<TestEntry> entries = PutOverlapping();
  const size_t packs = Packs().size();
  files_.Inject({.op = test::FaultyFileSystem::Op::kRemove, .times = 1000});
  Compactor compactor = MakeCompactor();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), SizeIs(packs + 1));
  files_.ClearFaults();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), SizeIs(1));
  EXPECT_THAT(remover_->leaving(), IsEmpty());
  EXPECT_THAT(*store_->parts().index.UnnamedPacks(), IsEmpty());
  EXPECT_EQ(ReadStream("api"), entries);
}

TEST_F(CompactorTest, TellsWhichPacksWaitForTheirRemovalAndSinceWhen) {
  const auto waiting =
      Metrics::GetGauge("loki_boltdb_shipper_retention_sweeper_marker_files_current",
                        "Packs that are to be removed, and have not been yet.");
  const auto since = Metrics::GetGauge(
      "loki_boltdb_shipper_retention_sweeper_marker_file_processing_current_time",
      "Since when the first of the packs that are to be removed waits for it; 0 if none does.");
  (void)PutOverlapping();
  const size_t packs = Packs().size();
  const double now = static_cast<double>(clock_.NowNs()) * 1e-9;
  files_.Inject({.op = test::FaultyFileSystem::Op::kRemove, .times = 1000});
  Compactor compactor = MakeCompactor();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_EQ(waiting.value(), static_cast<double>(packs));
  EXPECT_EQ(since.value(), now);
  clock_.Advance(std::chrono::minutes(5));
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_EQ(since.value(), now);
  files_.ClearFaults();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_EQ(waiting.value(), 0);
  EXPECT_EQ(since.value(), 0);
}

TEST_F(CompactorTest, IsNoQueryAndLeavesTheCachesAlone) {
  PutOverlapping();
  const auto fetched = [] {
    const std::string metrics = Metrics::Expose();
    const size_t at = metrics.find("\nloki_chunk_store_fetched_chunks_total{user=\"tenant\"}");
    return at == std::string::npos ? "" : metrics.substr(at, metrics.find('\n', at + 1) - at);
  };
  const std::string before = fetched();
  ASSERT_THAT(Compact(), IsOk());
  EXPECT_EQ(fetched(), before);
  // A query's first look at a head is one at the disk.
  Reopen();
  const auto chunks = store_->Chunks({kTenant});
  ASSERT_THAT(chunks, IsOk());
  model::ScanStats stats;
  const StoreParts parts = store_->parts();
  const ChunkRef& chunk = chunks->at(0).chunks.at(0);
  const int reads = files_.calls(test::FaultyFileSystem::Op::kRead);
  CacheAllowances allowances = parts.fetcher->AllowancesOfScan();
  ASSERT_THAT(parts.fetcher->Head(chunk, {.stats = stats}), IsOk());
  ASSERT_THAT(parts.fetcher->Head(chunk, {.stats = stats, .allowances = &allowances}), IsOk());
  EXPECT_EQ(files_.calls(test::FaultyFileSystem::Op::kRead), reads + 2);
  ASSERT_THAT(parts.fetcher->Head(chunk, {.stats = stats, .allowances = &allowances}), IsOk());
  EXPECT_EQ(files_.calls(test::FaultyFileSystem::Op::kRead), reads + 2);
}

TEST_F(CompactorTest, StoppingGivesUpTheRound) {
  PutOverlapping();
  Compactor compactor = MakeCompactor();
  compactor.Stop();
  EXPECT_THAT(compactor.RunRound(), HasCode(StatusCode::kCancelled));
  EXPECT_THAT(Packs(), SizeIs(6));
}

}  // namespace
}  // namespace skald::chunkstore

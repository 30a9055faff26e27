#include "chunkstore/chunk_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::Direction;
using model::Labels;
using model::Matcher;
using model::MatchOp;
using model::ScanContext;
using model::ScanRequest;
using model::TimeRange;
using test::HasCode;
using test::IsOk;
using test::kSecond;
using test::kStartNs;
using test::TestEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using ChunkStoreTest = StoreFixture;

TEST_F(ChunkStoreTest, ReadsBackWhatWasPutInBothDirections) {
  std::vector<TestEntry> entries = test::EntryGenerator(1).Entries(1000);
  Put({{"app", "api"}}, entries, {.block_bytes = 8 << 10});
  ScanRequest request = Request();
  EXPECT_EQ(Read(request), entries);
  request.direction = Direction::kBackward;
  std::ranges::reverse(entries);
  EXPECT_EQ(Read(request), entries);
}

TEST_F(ChunkStoreTest, RowsOutsideTheRangeAreNotSelected) {
  const std::vector<TestEntry> entries = test::EntryGenerator(2).Entries(1000);
  Put({{"app", "api"}}, entries, {.block_bytes = 8 << 10});
  const TimeRange range = {entries[300].time, entries[700].time};
  std::vector<TestEntry> expected;
  for (const TestEntry& entry : entries) {
    if (range.Contains(entry.time)) expected.push_back(entry);
  }
  ScanContext context;
  EXPECT_EQ(Read(Request(range), context), expected);
  EXPECT_GT(context.stats.blocks_skipped, 2u);
  EXPECT_EQ(context.stats.chunk_refs, 1u);
  EXPECT_EQ(context.stats.chunks_downloaded, 1u);
  EXPECT_LT(context.stats.decompressed_lines, entries.size());
  EXPECT_GE(context.stats.decompressed_lines, expected.size());
}

TEST_F(ChunkStoreTest, OneScanForEachStreamOrderedByLabels) {
  Put({{"app", "web"}}, {{.seq = 1, .line = "w"}});
  Put({{"app", "api"}}, {{.seq = 2, .line = "a"}});
  ScanContext context;
  ScanRequest request = Request();
  const auto scans = store_->Select(request, context);
  ASSERT_EQ(scans->size(), 2u);
  EXPECT_EQ(scans->at(0)->labels()->ToString(), R"({app="api"})");
  EXPECT_EQ(context.stats.streams, 2u);
  request.matchers = {*Matcher::Make(MatchOp::kEqual, "app", "web")};
  EXPECT_EQ(Read(request).size(), 1u);
}

TEST_F(ChunkStoreTest, OverlappingChunksAreMergedAndEntriesStoredTwiceComeOnce) {
  const std::vector<TestEntry> entries = test::EntryGenerator(3).Entries(600);
  std::vector<TestEntry> even;
  std::vector<TestEntry> odd;
  for (size_t i = 0; i < entries.size(); ++i) {
    (i % 2 == 0 ? even : odd).push_back(entries[i]);
    if (i % 10 == 0) odd.push_back(entries[i]);  // In both, sent again: with another number.
    if (i % 10 == 0) odd.back().seq += 100'000;
  }
  Put({{"app", "api"}}, even);
  Put({{"app", "api"}}, odd);
  ScanContext context;
  EXPECT_EQ(Read(Request(), context), entries);
  EXPECT_EQ(context.stats.duplicates, 60u);

  ScanRequest counting = Request();
  counting.columns = {.lines = false, .line_lengths = false, .all_metadata = false};
  EXPECT_EQ(Read(counting).size(), entries.size());
}

TEST_F(ChunkStoreTest, PartsOfAStreamHoldTogetherWhatAllOfItHolds) {
  const std::vector<TestEntry> entries = test::EntryGenerator(7).Entries(2000);
  const auto slice = [&](size_t from, size_t to) {
    return std::vector<TestEntry>(entries.begin() + static_cast<std::ptrdiff_t>(from),
                                  entries.begin() + static_cast<std::ptrdiff_t>(to));
  };
  // The third overlaps with the others, and has entries that they have as well.
  Put({{"app", "api"}}, slice(0, 900), {.block_bytes = 4 << 10});
  Put({{"app", "api"}}, slice(900, 2000), {.block_bytes = 4 << 10});
  Put({{"app", "api"}}, slice(700, 1100), {.block_bytes = 4 << 10});
  for (const model::Direction direction :
       {model::Direction::kForward, model::Direction::kBackward}) {
    ScanRequest request = Request();
    request.direction = direction;
    ScanContext context;
    const auto scans = store_->Select(request, context);
    ASSERT_THAT(scans, IsOk());
    model::StreamScan& scan = *scans->at(0);
    EXPECT_EQ(scan.Spans().size(), 3u);
    std::vector<TestEntry> read;
    int64_t from = TimeRange::All().start;
    for (size_t cut = 150; cut <= 2100; cut += 150) {
      const int64_t to = cut < entries.size() ? entries[cut].time : TimeRange::All().end;
      const auto part = scan.OpenPart({from, to});
      std::vector<TestEntry> rows;
      for (auto batch = *part->Next(); batch != nullptr; batch = *part->Next()) {
        if (direction == model::Direction::kBackward) std::ranges::reverse(batch->selection);
        for (const uint32_t row : batch->selection) {
          rows.push_back(test::EntryAt(*batch->block, row));
        }
      }
      if (direction == model::Direction::kBackward) std::ranges::reverse(rows);
      std::ranges::move(rows, std::back_inserter(read));
      from = to;
    }
    EXPECT_EQ(read, entries);
    EXPECT_EQ(context.stats.duplicates, 400u);
    EXPECT_EQ(context.stats.blocks_skipped, 0u);  // A part does not count another's.
  }
}

TEST_F(ChunkStoreTest, SelectingEndsOnceTheQueryIsCancelled) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "a"}});
  ScanContext context;
  context.cancel.Cancel();
  EXPECT_THAT(store_->Select(Request(), context), test::HasCode(StatusCode::kCancelled));
  EXPECT_THAT(store_->Forecast(Request(), 10, context.cancel), HasCode(StatusCode::kCancelled));
}

TEST_F(ChunkStoreTest, BlocksThatCannotHoldTheLiteralsAreNotRead) {
  std::vector<TestEntry> entries = test::EntryGenerator(4).Entries(5000);
  entries[2500].line = "the needle-5f3a9c17e2d84b60 is here";
  Put({{"app", "api"}}, entries, {.block_bytes = 64 << 10});
  ScanRequest request = Request();
  request.literals = {{.any_of = {"needle-5f3a9c17e2d84b60"}}};
  ScanContext context;
  const std::vector<TestEntry> read = Read(request, context);
  EXPECT_EQ(std::ranges::count(read, entries[2500]), 1);
  EXPECT_LT(context.stats.decompressed_lines, 1000u);
  EXPECT_GT(context.stats.blocks_skipped, 3u);

  request.literals = {{.any_of = {"absent-17e2d84b605f3a9c"}}};
  ScanContext absent;
  EXPECT_THAT(Read(request, absent), IsEmpty());
  EXPECT_EQ(absent.stats.decompressed_lines, 0u);
}

TEST_F(ChunkStoreTest, BlocksThatCannotHaveTheMetadataAreNotRead) {
  const std::vector<TestEntry> entries = test::EntryGenerator(4).Entries(5000);
  Put({{"app", "api"}}, entries, {.block_bytes = 64 << 10});
  const auto traced = std::ranges::find_if(
      entries, [](const TestEntry& entry) { return entry.metadata.size() == 2; });
  ASSERT_NE(traced, entries.end());
  ScanRequest request = Request();
  request.labels = {{.name = "trace_id", .any_of = {traced->metadata[1].second}}};
  ScanContext present;
  EXPECT_EQ(Read(request, present), std::vector<TestEntry>{*traced});
  EXPECT_LT(present.stats.decompressed_metadata_bytes, 64u << 10);
  EXPECT_GT(present.stats.blocks_skipped, 3u);

  request.labels = {{.name = "trace_id", .any_of = {"17e2d84b605f3a9c17e2d84b605f3a9c"}}};
  ScanContext absent;
  EXPECT_THAT(Read(request, absent), IsEmpty());
  EXPECT_EQ(absent.stats.decompressed_bytes, 0u);
}

TEST_F(ChunkStoreTest, UnwantedColumnsAreNeitherReadNorDecompressed) {
  Put({{"app", "api"}}, test::EntryGenerator(5).Entries(20000));
  ScanContext all;
  Read(Request(), all);
  ScanRequest counting = Request();
  counting.columns = {.lines = false, .line_lengths = false, .all_metadata = false};
  ScanContext few;
  EXPECT_EQ(Read(counting, few).size(), 20000u);
  EXPECT_LT(few.stats.compressed_bytes * 5, all.stats.compressed_bytes);
  EXPECT_LT(few.stats.decompressed_bytes * 5, all.stats.decompressed_bytes);
  EXPECT_EQ(few.stats.decompressed_metadata_bytes, 0u);
  EXPECT_EQ(few.stats.decompressed_lines, 20000u);
}

TEST_F(ChunkStoreTest, ABatchStaysAsItIsWhileOthersAreRead) {
  const std::vector<TestEntry> entries = test::EntryGenerator(6).Entries(2000);
  Put({{"app", "api"}}, entries, {.block_bytes = 16 << 10});
  ScanContext context;
  auto scans = store_->Select(Request(), context);
  ASSERT_THAT(scans, IsOk());
  const auto source = scans->at(0)->Open();
  std::vector<std::unique_ptr<model::LogBatch>> batches;
  for (;;) {
    auto batch = source->Next();
    ASSERT_THAT(batch, IsOk());
    if (*batch == nullptr) break;
    batches.push_back(*std::move(batch));
  }
  ASSERT_GT(batches.size(), 3u);
  std::vector<TestEntry> read;
  for (const auto& batch : batches) {
    for (const uint32_t row : batch->selection) read.push_back(test::EntryAt(*batch->block, row));
  }
  EXPECT_EQ(read, entries);
}

TEST_F(ChunkStoreTest, ADamagedBlockIsNamedInAWarningAndTheRestIsRead) {
  const std::vector<TestEntry> entries = test::EntryGenerator(7).Entries(2000);
  Put({{"app", "api"}}, entries, {.block_bytes = 16 << 10});
  const auto packs = objects_->List("packs/");
  ASSERT_EQ(packs->size(), 1u);
  files_.FlipByte("/chunks/" + packs->at(0).key, packs->at(0).bytes / 2, 0x10);
  ScanContext context;
  const size_t read = Read(Request(), context).size();
  EXPECT_LT(read, entries.size());
  EXPECT_GT(read, entries.size() / 2);
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr("crc mismatch")));
}

// Whoever counts reads lines only where entries must be told apart, after the batch was made.
TEST_F(ChunkStoreTest, ADamagedBlockThatIsReadWholeLaterIsAWarningToo) {
  Put({{"app", "api"}}, test::EntryGenerator(7).Entries(2000));
  const auto packs = objects_->List("packs/");
  ScanRequest counting = Request();
  counting.columns = {.lines = false, .line_lengths = false, .all_metadata = false};
  ScanContext context;
  const auto scans = store_->Select(counting, context);
  ASSERT_THAT(scans, IsOk());
  const auto source = scans->at(0)->Open();
  const auto batch = source->Next();
  ASSERT_THAT(batch, IsOk());
  files_.FlipByte("/chunks/" + packs->at(0).key, packs->at(0).bytes / 2, 0x10);
  const auto whole = (*batch)->read_whole();
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ(*whole, nullptr);
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr("column lines: crc mismatch")));
  EXPECT_EQ(*(*batch)->read_whole(), nullptr);
  EXPECT_THAT(context.warnings.Take(), IsEmpty()) << "it is told of once";
}

TEST_F(ChunkStoreTest, AMissingPackIsAWarningToo) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  ASSERT_THAT(objects_->Delete(objects_->List("packs/")->at(0).key), IsOk());
  ScanContext context;
  EXPECT_THAT(Read(Request(), context), IsEmpty());
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr("entries are missing")));
}

TEST_F(ChunkStoreTest, ACancelledQueryEnds) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  ScanContext context;
  const auto scans = store_->Select(Request(), context);
  const auto source = scans->at(0)->Open();
  context.cancel.Cancel();
  EXPECT_THAT(source->Next(), HasCode(StatusCode::kCancelled));
}

TEST_F(ChunkStoreTest, EverythingIsThereAfterReopening) {
  const std::vector<TestEntry> entries = test::EntryGenerator(8).Entries(100);
  Put({{"app", "api"}}, entries);
  Reopen();
  EXPECT_EQ(Read(Request()), entries);
  EXPECT_EQ(store_->HighestSeq(), 100u);
  EXPECT_EQ(*store_->FlushedSeq(kTenant, Labels({{"app", "api"}}).Hash()), 100u);
}

TEST_F(ChunkStoreTest, AFullDiskRefusesAndLeavesNothingBehind) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  files_.Inject(
      {.op = test::FaultyFileSystem::Op::kRename, .code = StatusCode::kResourceExhausted});
  const std::vector<ChunkToStore> chunks = Chunks({{"app", "web"}}, {{.seq = 2, .line = "y"}});
  EXPECT_THAT(store_->Put(chunks), HasCode(StatusCode::kResourceExhausted));
  EXPECT_EQ(objects_->List("packs/")->size(), 1u);
  EXPECT_EQ(Read(Request()).size(), 1u);
  EXPECT_THAT(store_->Put(chunks), IsOk());
  EXPECT_EQ(Read(Request()).size(), 2u);
}

TEST_F(ChunkStoreTest, PutBeginsAnotherPackAtItsSize) {
  store_.reset();
  store_ = *ChunkStore::Open({.index_folder = IndexFolder(), .pack_bytes = 1}, *objects_, clock_);
  std::vector<ChunkToStore> chunks = Chunks({{"app", "a"}}, {{.seq = 1, .line = "x"}});
  for (ChunkToStore& chunk : Chunks({{"app", "b"}}, {{.seq = 2, .line = "y"}})) {
    chunks.push_back(std::move(chunk));
  }
  ASSERT_THAT(store_->Put(chunks), IsOk());
  EXPECT_EQ(objects_->List("packs/")->size(), 2u);
  EXPECT_EQ(Read(Request()).size(), 2u);
}

TEST_F(ChunkStoreTest, SeriesAndStatsCountWhatTouchesTheRange) {
  std::vector<TestEntry> entries;
  for (uint64_t i = 0; i < 100; ++i) {
    entries.push_back({.time = kStartNs + static_cast<int64_t>(i) * kSecond,
                       .seq = i + 1,
                       .line = "0123456789" + std::to_string(i)});
  }
  Put({{"app", "api"}}, entries);
  Put({{"app", "web"}}, {{.time = kStartNs - 3600 * kSecond,
                          .seq = 200,
                          .line = "early",
                          .metadata = {{"node", "n1"}}}});
  EXPECT_EQ(store_->Series({kTenant})->size(), 2u);
  const TimeRange late = {kStartNs, kStartNs + 50 * kSecond};
  EXPECT_EQ(store_->Series({kTenant, {}, late})->size(), 1u);
  EXPECT_EQ(store_->Series({kTenant, {*Matcher::Make(MatchOp::kRegex, "app", "w.*|x")}})->size(),
            1u);

  const auto all = store_->Stats({kTenant});
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->streams, 2u);
  EXPECT_EQ(all->chunks, 2u);
  EXPECT_EQ(all->entries, 101u);
  EXPECT_EQ(all->bytes, 100 * 10 + 190 + 5u);
  EXPECT_EQ(all->metadata_volume, 8u + 4 + 2);
  const auto half = store_->Stats({kTenant, {}, late});
  EXPECT_EQ(half->streams, 1u);
  EXPECT_NEAR(static_cast<double>(half->entries), 50, 2);
}

TEST_F(ChunkStoreTest, ACommitThatIsRefusedLeavesNoPack) {
  std::vector<ChunkToStore> chunks =
      Chunks({{"app", "api"}}, {{.time = kStartNs, .seq = 1, .line = "a"}});
  chunks[0].chunk.summary.max_time += 5000 * kDayNs;  // More days than the index takes.
  EXPECT_THAT(store_->Put(chunks), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(*objects_->List("packs/"), testing::IsEmpty());
}

}  // namespace
}  // namespace skald::chunkstore

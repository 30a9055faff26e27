#include "chunkstore/chunk_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chunkstore/format/pack.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "common/metrics.h"
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
using test::kSecondNs;
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

// One stream in one pack that is large enough for a filter.
class PackFilterOfStoreTest : public StoreFixture {
 protected:
  void SetUp() override {
    entries_[1000].line += " trace=" + kId;
    Put({{"app", "api"}}, entries_, {.codec = Codec::kZstd, .filter_percent = 5});
    pack_ = objects_->List("packs/")->at(0).key;
  }

  size_t Count(const std::string& literal, ScanContext& context) {
    ScanRequest request = Request();
    request.literals = {{.any_of = {literal}}};
    const std::vector<TestEntry> read = Read(request, context);
    return static_cast<size_t>(std::ranges::count_if(read, [&](const TestEntry& entry) {
      return entry.line.find(literal) != std::string::npos;
    }));
  }

  static double FilterFailures() {
    return Metrics::GetCounter(
               "skald_pack_filter_failures_total",
               "Filters of packs that a query could not read: it reads the packs instead.")
        .value();
  }

  const std::string kId = "4bf92f3577b34da6a3ce929d0e0e4736";
  std::vector<TestEntry> entries_ = test::EntryGenerator(21).Entries(6000);
  std::string pack_;
};

TEST_F(PackFilterOfStoreTest, RulesOutTheChunksOfAPackUnread) {
  ScanContext context;
  EXPECT_EQ(Count("7d3f9a61c0de4b1e8f00aa55deadbeef", context), 0u);
  EXPECT_EQ(context.stats.chunks_downloaded, 0u);
  EXPECT_EQ(context.stats.decompressed_bytes, 0u);
  EXPECT_EQ(context.stats.chunk_refs, 0u) << "nor are they looked for";
  EXPECT_LT(context.stats.compressed_bytes, 8u << 10);
  EXPECT_EQ(context.stats.packs_skipped, 1u);
  ScanContext present;
  EXPECT_EQ(Count(kId, present), 1u);
  EXPECT_EQ(present.stats.packs_skipped, 0u);
}

TEST_F(ChunkStoreTest, AnIdIsLookedForInFewStreamsOfThePackThatHasIt) {
  constexpr int kStreams = 64;
  const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
  std::vector<ChunkToStore> chunks;
  for (int i = 0; i < kStreams; ++i) {
    std::vector<TestEntry> entries = test::EntryGenerator(100 + i).Entries(200);
    if (i == 17) entries[77].line += " trace=" + id;
    std::ranges::move(
        Chunks({{"app", std::to_string(i)}}, entries, {.codec = Codec::kZstd, .filter_percent = 5}),
        std::back_inserter(chunks));
  }
  ASSERT_THAT(store_->Put(chunks), IsOk());
  ScanRequest request = Request();
  request.literals = {{.any_of = {id}}};
  ScanContext context;
  const std::vector<TestEntry> read = Read(request, context);
  EXPECT_EQ(
      std::ranges::count_if(read, [&](const TestEntry& entry) { return entry.line.ends_with(id); }),
      1);
  EXPECT_LT(context.stats.chunks_downloaded, 16u) << "one group of 32, and some that pass wrongly";
  EXPECT_EQ(context.stats.packs_skipped, 0u) << "not for the streams in which the id is not";
  request.matchers = {*Matcher::Make(MatchOp::kEqual, "app", "16")};
  ScanContext other;
  EXPECT_THAT(Read(request, other), IsEmpty());
  EXPECT_EQ(other.stats.chunks_downloaded, 0u) << "the pack has it, the stream has not";
  EXPECT_EQ(other.stats.packs_skipped, 1u);
}

TEST_F(PackFilterOfStoreTest, RulesOutMetadataByNameAndValue) {
  ScanRequest request = Request();
  request.labels = {{.name = "span_id"}};
  ScanContext context;
  EXPECT_THAT(Read(request, context), IsEmpty());
  request.labels = {{.name = "trace_id", .any_of = {"7d3f9a61c0de4b1e8f00aa55deadbeef"}}};
  EXPECT_THAT(Read(request, context), IsEmpty());
  EXPECT_EQ(context.stats.chunks_downloaded, 0u);
  const auto with_id = std::ranges::find_if(
      entries_, [](const TestEntry& entry) { return entry.metadata.size() == 2; });
  request.labels = {{.name = "trace_id", .any_of = {with_id->metadata[1].second}}};
  EXPECT_THAT(Read(request, context), testing::Not(IsEmpty()));
}

TEST_F(PackFilterOfStoreTest, ALabelOfAStreamIsFoundWhatThePackSaysOfMetadata) {
  const std::string id = "7d3f9a61c0de4b1e8f00aa55deadbeef";
  ScanRequest request = Request();
  request.labels = {{.name = "trace_id", .any_of = {id}}};
  EXPECT_THAT(Read(request), IsEmpty());
  const std::vector<TestEntry> entries = test::EntryGenerator(22).Entries(6000);
  Put({{"app", "job"}, {"trace_id", id}}, entries, {.codec = Codec::kZstd, .filter_percent = 5});
  EXPECT_EQ(Read(request), entries);
}

TEST_F(PackFilterOfStoreTest, AForecastTellsOfIt) {
  ScanRequest request = Request();
  request.literals = {{.any_of = {"7d3f9a61c0de4b1e8f00aa55deadbeef"}}};
  const auto forecast = store_->Forecast(request, 10, CancelToken());
  ASSERT_THAT(forecast, IsOk());
  EXPECT_EQ(forecast->packs, 1u);
  EXPECT_EQ(forecast->packs_skipped, 1u);
  EXPECT_EQ(forecast->chunks_skipped, forecast->chunks);
  EXPECT_EQ(forecast->chunks_seen, 0u);
}

TEST_F(PackFilterOfStoreTest, WhatIsDamagedOfItHidesNothing) {
  const std::string bytes = *objects_->Get(pack_);
  const auto head = DecodePackHead(bytes.substr(0, kPackHeadBytes));
  ASSERT_THAT(head, IsOk());
  for (uint64_t at = 0; at < head->chunks_offset; at += 7) {
    SCOPED_TRACE("byte " + std::to_string(at));
    files_.FlipByte("/chunks/" + pack_, at, 0x04);
    Reopen();
    ScanContext context;
    const double before = FilterFailures();
    ASSERT_EQ(Count(kId, context), 1u);
    // Of the regions not all are read.
    if (at < head->regions_offset) {
      EXPECT_GT(FilterFailures(), before);
    }
    files_.FlipByte("/chunks/" + pack_, at, 0x04);
    if (at > head->regions_offset) at += 500;
  }
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

TEST_F(ChunkStoreTest, WhatIsReadASecondTimeIsCached) {
  Put({{"app", "api"}}, test::EntryGenerator(6).Entries(1000));
  for (int read = 0; read < 2; ++read) {
    ScanContext context;
    EXPECT_EQ(Read(Request(), context).size(), 1000u);
    EXPECT_GT(context.stats.compressed_bytes, 0u);
  }
  ScanContext third;
  EXPECT_EQ(Read(Request(), third).size(), 1000u);
  EXPECT_EQ(third.stats.compressed_bytes, 0u);
  EXPECT_EQ(third.stats.decompressed_lines, 1000u);
}

TEST_F(ChunkStoreTest, TellsWhatTheCacheOfBlocksHolds) {
  const auto entries = Metrics::GetGauge("loki_embeddedcache_entries", "Values that a cache holds.",
                                         {{"cache", "blocks"}});
  const auto bytes = Metrics::GetGauge("loki_embeddedcache_memory_bytes",
                                       "Bytes that a cache holds.", {{"cache", "blocks"}});
  const auto hits = Metrics::GetCounter("loki_cache_hits", "What a cache was asked for, and had.",
                                        {{"name", "blocks"}});
  const double hits_before = hits.value();
  Put({{"app", "api"}}, test::EntryGenerator(6).Entries(1000));
  for (int read = 0; read < 3; ++read) EXPECT_EQ(Read(Request()).size(), 1000u);
  EXPECT_EQ(entries.value(), 1);
  EXPECT_GT(bytes.value(), 1000);
  EXPECT_EQ(hits.value(), hits_before + 1);
  store_->ShrinkCaches(uint64_t{1} << 40);
  EXPECT_EQ(entries.value(), 0);
  EXPECT_EQ(bytes.value(), 0);
}

TEST_F(ChunkStoreTest, WhatCachesHoldIsOfTheBudgetAndGoesBackToIt) {
  const std::vector<TestEntry> entries = test::EntryGenerator(6).Entries(1000);
  Put({{"app", "api"}}, entries);
  MemoryBudget budget(16 << 20, Status(StatusCode::kResourceExhausted, "too much"));
  store_.reset();
  auto store = ChunkStore::Open({.index_folder = IndexFolder(), .fetcher = {.memory = &budget}},
                                *objects_, clock_);
  ASSERT_THAT(store, IsOk());
  store_ = *std::move(store);
  ScanRequest request = Request();
  request.literals = {{.any_of = {" status="}}};
  for (int read = 0; read < 3; ++read) EXPECT_EQ(Read(request).size(), entries.size());
  size_t line_bytes = 0;
  for (const TestEntry& entry : entries) line_bytes += entry.line.size();
  EXPECT_GT(budget.used(), line_bytes);
  store_->ShrinkCaches(uint64_t{1} << 40);
  EXPECT_EQ(budget.used(), 0u);
  // Nothing is cached that the budget has no room for, and nothing fails for it.
  EXPECT_TRUE(budget.TakeSpare(16 << 20));
  for (int read = 0; read < 3; ++read) EXPECT_EQ(Read(request).size(), entries.size());
  budget.Return(16 << 20);
  EXPECT_EQ(budget.used(), 0u);
  store_.reset();
}

// To cache a block it is put together whole, which takes longer than to search it.
TEST_F(ChunkStoreTest, ABlockInWhichASearchFindsFewLinesIsNotCached) {
  std::vector<TestEntry> entries = test::EntryGenerator(6).Entries(1000);
  entries[500].line += " needle";
  Put({{"app", "api"}}, entries, {.codec = Codec::kZstd, .split_lines = true});
  ScanRequest request = Request();
  request.literals = {{.any_of = {"needle"}}};
  for (int read = 0; read < 4; ++read) {
    ScanContext context;
    EXPECT_EQ(Read(request, context).size(), 1u);
    EXPECT_GT(context.stats.compressed_bytes, 0u);
  }
}

TEST_F(ChunkStoreTest, AQueryDecompressesABlockOnce) {
  const std::vector<TestEntry> entries = test::EntryGenerator(22).Entries(4000);
  std::vector<TestEntry> halves[2];  // Of the same time, so that their chunks are merged.
  for (size_t i = 0; i < entries.size(); ++i) halves[i % 2].push_back(entries[i]);
  for (const auto& half : halves) Put({{"app", "api"}}, half, {.block_bytes = 16 << 10});
  ScanContext plain;
  EXPECT_EQ(Read(Request(), plain).size(), entries.size());
  EXPECT_EQ(plain.stats.decompressed_lines, entries.size());
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    Reopen();  // With empty caches.
    ScanRequest request = Request();
    request.direction = direction;
    request.literals = {{.any_of = {" status="}}, {.any_of = {"level=info"}}};
    ScanContext context;
    EXPECT_EQ(Read(request, context).size(), entries.size());
    EXPECT_EQ(context.stats.decompressed_lines, entries.size());
    EXPECT_EQ(context.stats.decompressed_bytes, plain.stats.decompressed_bytes);
  }
}

// The columns that decide whether the rest of a block is wanted are part of it.
TEST_F(ChunkStoreTest, ASearchOfMetadataDecompressesABlockOnce) {
  std::vector<TestEntry> entries = test::EntryGenerator(22).Entries(4000);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].metadata = {{"region", i % 100 == 0 ? "north" : "south"}, {"zone", "a"}};
  }
  Put({{"app", "api"}}, entries, {.block_bytes = 16 << 10});
  ScanContext plain;
  EXPECT_EQ(Read(Request(), plain).size(), entries.size());
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    Reopen();  // With empty caches.
    ScanRequest request = Request();
    request.direction = direction;
    request.labels = {{.name = "region", .any_of = {"north"}}};
    // What was read once is remembered, read again it is kept, and then it is at hand.
    for (int read = 0; read < 3; ++read) {
      ScanContext context;
      std::vector<TestEntry> found = Read(request, context);
      if (direction == Direction::kBackward) std::ranges::reverse(found);
      ASSERT_EQ(found.size(), entries.size() / 100);
      for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], entries[i * 100]);
      EXPECT_EQ(context.stats.decompressed_lines, entries.size());
      EXPECT_EQ(context.stats.decompressed_bytes, plain.stats.decompressed_bytes);
      EXPECT_EQ(context.stats.decompressed_metadata_bytes, plain.stats.decompressed_metadata_bytes);
    }
  }
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
    entries.push_back({.time = kStartNs + static_cast<int64_t>(i) * kSecondNs,
                       .seq = i + 1,
                       .line = "0123456789" + std::to_string(i)});
  }
  Put({{"app", "api"}}, entries);
  Put({{"app", "web"}}, {{.time = kStartNs - 3600 * kSecondNs,
                          .seq = 200,
                          .line = "early",
                          .metadata = {{"node", "n1"}}}});
  EXPECT_EQ(store_->Series({kTenant})->size(), 2u);
  const TimeRange late = {kStartNs, kStartNs + 50 * kSecondNs};
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

TEST_F(ChunkStoreTest, ManyThreadsMayPutAndRead) {
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

TEST_F(ChunkStoreTest, ACommitThatIsRefusedLeavesNoPack) {
  std::vector<ChunkToStore> chunks =
      Chunks({{"app", "api"}}, {{.time = kStartNs, .seq = 1, .line = "a"}});
  chunks[0].chunk.summary.max_time += 5000 * kDayNs;  // More days than the index takes.
  EXPECT_THAT(store_->Put(chunks), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(*objects_->List("packs/"), testing::IsEmpty());
}

}  // namespace
}  // namespace skald::chunkstore

// Queries of a store whose packs have filters.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "chunkstore/format/pack.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "common/metrics.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::Matcher;
using model::MatchOp;
using model::ScanContext;
using model::ScanRequest;
using test::IsOk;
using test::TestEntry;
using testing::IsEmpty;

using StorePackFilterTest = StoreFixture;

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

TEST_F(StorePackFilterTest, AnIdIsLookedForInFewStreamsOfThePackThatHasIt) {
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

}  // namespace
}  // namespace skald::chunkstore

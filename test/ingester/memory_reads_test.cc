// What queries read of memory: until when, and how much of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "ingester_fixture.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

class MemoryReadsTest : public IngesterFixture {
 protected:
  MemoryReadsTest() { Open(); }
};

TEST_F(MemoryReadsTest, SelectingEndsOnceTheQueryIsCancelledOrItsTimeIsUp) {
  ASSERT_THAT(Push({{kProdA, {{1, "line"}}}}), IsOk());
  model::ScanRequest request = Request(model::TimeRange::All(), model::Direction::kForward);
  request.tenant = tenant_;
  model::ScanContext cancelled;
  cancelled.cancel.Cancel();
  EXPECT_THAT(ingester_->Select(request, cancelled), HasCode(StatusCode::kCancelled));
  model::ScanContext late;
  late.cancel = CancelToken::WithTimeout(clock_, std::chrono::nanoseconds(0));
  EXPECT_THAT(ingester_->Select(request, late), HasCode(StatusCode::kDeadlineExceeded));
}

TEST_F(MemoryReadsTest, LookupsEndOnceTheyAreCancelled) {
  ASSERT_THAT(Push({{kProdA, {{1, "line"}}}}), IsOk());
  for (const model::Matchers& matchers : {model::Matchers(), model::Matchers{Equal("app", "a")}}) {
    model::StreamLookup of{.tenant = tenant_, .matchers = matchers};
    of.cancel.Cancel();
    EXPECT_THAT(ingester_->LabelNames(of), HasCode(StatusCode::kCancelled));
    EXPECT_THAT(ingester_->LabelValues(of, "app"), HasCode(StatusCode::kCancelled));
    EXPECT_THAT(ingester_->Series(of), HasCode(StatusCode::kCancelled));
    EXPECT_THAT(ingester_->Stats(of), HasCode(StatusCode::kCancelled));
    EXPECT_THAT(ingester_->Sizes(of), HasCode(StatusCode::kCancelled));
  }
}

TEST_F(MemoryReadsTest, ReadsOnWhatWasSelectedBeforeAFlush) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(Push({{kProdA, {{i, "line " + std::string(30, 'x')}}}}), IsOk());
  }
  model::ScanRequest request = Request(model::TimeRange::All(), model::Direction::kForward);
  request.tenant = tenant_;
  model::ScanContext context;
  auto scans = ingester_->Select(request, context);
  ASSERT_THAT(scans, IsOk());
  ASSERT_EQ(scans->size(), 1u);
  ASSERT_THAT(ingester_->Flush(), IsOk());
  EXPECT_TRUE(ReadAll().empty());
  ASSERT_THAT(Push({{kProdA, {{15, "too late for the scan"}}}}), IsOk());
  std::vector<TestEntry> read;
  const auto source = (*scans)[0]->Open();
  for (auto batch = source->Next(); batch.ok() && *batch != nullptr; batch = source->Next()) {
    AppendBatch(**batch, request.direction, read);
  }
  EXPECT_EQ(read.size(), 30u);
}

TEST_F(MemoryReadsTest, ReadsNotABlockMoreOnceAQueryIsCancelled) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(Push({{kProdA, {{i, std::string(300, 'x')}}}}), IsOk());
  }
  model::ScanRequest request = Request(model::TimeRange::All(), model::Direction::kForward);
  request.tenant = tenant_;
  model::ScanContext context;
  auto scans = ingester_->Select(request, context);
  ASSERT_THAT(scans, IsOk());
  const auto source = scans->at(0)->Open();
  ASSERT_THAT(source->Next(), IsOk());
  context.cancel.Cancel();
  EXPECT_THAT(source->Next(), HasCode(StatusCode::kCancelled));
}

TEST_F(MemoryReadsTest, SkipsCompressedBlocksWithoutTheLiteral) {
  options_.chunk_block_size = 8000;
  Open();
  std::vector<TestEntry> entries;
  for (int i = 0; i < 200; ++i) {
    entries.push_back({i, "some words and a number " + std::to_string(i * 7919)});
  }
  ASSERT_THAT(Push({{kProdA, entries}}), IsOk());
  ASSERT_THAT(Push({{kProdA, {{1000, std::string(9000, 'x')}}}}), IsOk());
  WaitForCompression();
  model::ScanRequest request = Request({0, 1000}, model::Direction::kForward);
  request.tenant = tenant_;
  request.literals = {{{"deadbeef-cafe"}, false}};
  model::ScanContext context;
  auto scans = ingester_->Select(request, context);
  ASSERT_THAT(scans, IsOk());
  ASSERT_EQ(scans->size(), 1u);
  auto batch = (*scans)[0]->Open()->Next();
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(*batch, nullptr);
  EXPECT_EQ(context.stats.blocks_skipped, 1u);
}

TEST_F(MemoryReadsTest, ASearchOfMetadataDecompressesABlockOnce) {
  options_.chunk_block_size = 8000;
  Open();
  std::vector<TestEntry> entries;
  for (int i = 0; i < 200; ++i) {
    entries.push_back({i, "line " + std::to_string(i), {{"region", i == 77 ? "north" : "south"}}});
  }
  ASSERT_THAT(Push({{kProdA, entries}}), IsOk());
  ASSERT_THAT(Push({{kProdA, {{1000, std::string(9000, 'x')}}}}), IsOk());
  WaitForCompression();
  const auto read = [&](std::string region, model::ScanContext& context) {
    model::ScanRequest request = Request({0, 1000}, model::Direction::kForward);
    request.tenant = tenant_;
    if (!region.empty()) request.labels = {{.name = "region", .any_of = {std::move(region)}}};
    std::vector<TestEntry> found;
    auto scans = ingester_->Select(request, context);
    EXPECT_THAT(scans, IsOk());
    for (const auto& scan : *scans) {
      const auto source = scan->Open();
      for (auto batch = source->Next(); batch.ok() && *batch != nullptr; batch = source->Next()) {
        AppendBatch(**batch, request.direction, found);
      }
    }
    return found;
  };
  model::ScanContext all;
  EXPECT_EQ(read("", all).size(), entries.size());
  model::ScanContext present;
  EXPECT_EQ(read("north", present), std::vector<TestEntry>{entries[77]});
  EXPECT_EQ(present.stats.decompressed_lines, all.stats.decompressed_lines);
  EXPECT_EQ(present.stats.decompressed_bytes, all.stats.decompressed_bytes);
  EXPECT_EQ(present.stats.compressed_bytes, all.stats.compressed_bytes);
  model::ScanContext absent;
  EXPECT_TRUE(read("east", absent).empty());
  EXPECT_EQ(absent.stats.blocks_skipped, 1u);
  EXPECT_LT(absent.stats.decompressed_bytes, all.stats.decompressed_bytes / 2);
}

}  // namespace
}  // namespace skald::ingester

// What compaction leaves where it is, as it cannot read it, or not yet, or does not know it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/compactor_fixture.h"
#include "chunkstore/format/chunk_writer.h"

namespace skald::chunkstore {
namespace {

using model::ScanContext;
using test::IsOk;
using test::TestEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using CompactionDamageTest = CompactorFixture;

TEST_F(CompactionDamageTest, AnUnreadableStreamStaysWhereItIs) {
  const std::vector<TestEntry> entries = test::EntryGenerator(3).Entries(500);
  std::vector<ChunkToStore> chunks = Chunks({{"app", "api"}}, entries);
  for (ChunkToStore& chunk : Chunks({{"app", "web"}}, entries)) chunks.push_back(std::move(chunk));
  const uint64_t first_bytes = chunks.front().chunk.bytes;
  ASSERT_THAT(store_->Put(chunks), IsOk());
  const std::string damaged = Packs().front();
  files_.FlipByte("/chunks/" + damaged, first_bytes - 100, 0x10);

  Compactor compactor = MakeCompactor();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), ElementsAre(damaged, HasSubstr("-2023-11-14")));
  EXPECT_EQ(ReadStream("web"), entries);
  ScanContext context;
  Read(Request(), context);
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr(damaged)));

  // It is not tried again and again.
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), SizeIs(2));
}

TEST_F(CompactionDamageTest, WhatCouldNotBeReadForAWhileIsTriedAgain) {
  const std::vector<TestEntry> entries = test::EntryGenerator(3).Entries(500);
  Put({{"app", "api"}}, entries);
  Put({{"app", "web"}}, entries);
  const std::string first = Packs().front();
  files_.Inject({.op = test::FaultyFileSystem::Op::kRead, .path_contains = first, .times = 1000});
  Compactor compactor = MakeCompactor();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), ElementsAre(first, HasSubstr("-2023-11-14"))) << "the other one is done";
  files_.ClearFaults();
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), testing::Contains(first)) << "too early";
  clock_.Advance(std::chrono::minutes(2));
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_THAT(Packs(), testing::Not(testing::Contains(first)));
  EXPECT_EQ(ReadStream("api"), entries);
  EXPECT_EQ(ReadStream("web"), entries);
}

TEST_F(CompactionDamageTest, APackThatCannotBeOpenedKeepsNoOtherFromBeingCompacted) {
  const std::vector<TestEntry> entries = test::EntryGenerator(3).Entries(500);
  Put({{"app", "api"}}, entries);
  Put({{"app", "web"}}, entries);
  const std::string first = Packs().front();
  files_.Inject({.op = test::FaultyFileSystem::Op::kOpenForRead,
                 .code = StatusCode::kPermissionDenied,
                 .path_contains = first,
                 .times = 1000});
  EXPECT_THAT(Compact(), IsOk());
  EXPECT_THAT(Packs(), ElementsAre(first, HasSubstr("-2023-11-14")));
  EXPECT_EQ(ReadStream("web"), entries);
  ScanContext context;
  Read(Request(), context);
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr(first)));
}

TEST_F(CompactionDamageTest, WhatItDoesNotKnowItDoesNotRewrite) {
  std::vector<ChunkToStore> chunks = Chunks({{"app", "api"}}, test::EntryGenerator(3).Entries(50));
  ASSERT_THAT(chunks, SizeIs(1));
  // As a later version may write it: a column more.
  SealedBlock block = *chunks[0].chunk.blocks.at(0);
  block.header.columns.push_back({.kind = static_cast<ColumnKind>(77), .name = "new"});
  ChunkWriter writer({});
  writer.Append(std::make_shared<const SealedBlock>(std::move(block)));
  chunks[0].chunk = writer.Finish();
  ASSERT_THAT(store_->Put(chunks), IsOk());
  const std::vector<std::string> packs = Packs();
  EXPECT_THAT(Compact(), IsOk());
  EXPECT_EQ(Packs(), packs);
  EXPECT_THAT(ReadStream("api"), SizeIs(50)) << "a query need not know it";
}

// The chunks of a long stream are on their way out before it is known that the stream is sound.
TEST_F(CompactionDamageTest, OfAnUnreadableStreamNothingIsNamedTwice) {
  const std::vector<TestEntry> entries = test::EntryGenerator(3).Entries(5000);
  std::vector<ChunkToStore> chunks = Chunks({{"app", "api"}}, entries, {.block_bytes = 16 << 10});
  for (ChunkToStore& chunk : Chunks({{"app", "web"}}, entries)) chunks.push_back(std::move(chunk));
  const uint64_t first_bytes = chunks.front().chunk.bytes;
  ASSERT_THAT(store_->Put(chunks), IsOk());
  const std::string damaged = Packs().front();
  files_.FlipByte("/chunks/" + damaged, first_bytes - 100, 0x10);
  const auto stored = store_->Stats({kTenant});

  Compactor::Options options;
  options.job.merger.gather_bytes = 20'000;
  options.job.pack_bytes = 30'000;
  Compactor compactor = MakeCompactor(options);
  ASSERT_THAT(compactor.RunRound(), IsOk());
  EXPECT_EQ(store_->Stats({kTenant})->entries, stored->entries);
  EXPECT_EQ(ReadStream("web"), entries);
  // Of packs only those stay that the index names.
  const auto named = store_->parts().index.Packs();
  EXPECT_EQ(Packs(), *named);
  EXPECT_THAT(*named, SizeIs(2));
}

}  // namespace
}  // namespace skald::chunkstore

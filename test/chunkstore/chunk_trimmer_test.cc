#include "chunkstore/compact/chunk_trimmer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/compact/compaction_job.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/stored_pack.h"
#include "chunkstore/test_entries.h"
#include "chunkstore/word_filters.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::TimeRange;
using test::HasCode;
using test::IsOk;
using test::TestEntry;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kSecret = "the secret word";

class ChunkTrimmerTest : public StoreFixture, public model::EntryFilterSource {
 protected:
  std::shared_ptr<const model::EntryFilters> Of(const model::TenantId&) const override {
    return filters_;
  }
  void Erase(std::string app, std::string word, TimeRange range = TimeRange::All()) {
    filters_ = std::make_shared<const test::WordFilters>(std::move(app), std::move(word), range);
  }

  // Chunks of so many blocks that some can stay.
  CompactionOutcome Compact() {
    CompactionJobOptions options{.wanted = nullptr, .erased = this};
    options.merger.sealer.block_bytes = 8 << 10;
    const std::vector<ObjectEntry> read = *objects_->List("packs/");
    auto outcome = CompactPacks(store_->parts(), read, options, CancelToken());
    EXPECT_THAT(outcome, IsOk());
    std::vector<std::string> packs;
    for (const ObjectEntry& pack : read) packs.push_back(pack.key);
    PackRemover remover(store_->parts(), clock_);
    remover.Forgotten(std::move(packs));
    remover.RemoveUnread();
    return *std::move(outcome);
  }

  ObjectEntry OnlyPack() {
    const auto packs = *objects_->List("packs/");
    EXPECT_THAT(packs, SizeIs(1));
    return packs.front();
  }
  std::string BytesOf(const ObjectEntry& pack) { return *files_.ReadAll("/chunks/" + pack.key); }
  std::vector<CommittedChunk> ChunksOf(const ObjectEntry& pack) {
    return ChunksOfPack(pack.key, *ReadStoredDirectory(pack, *objects_));
  }
  std::string BytesOf(const CommittedChunk& chunk) {
    std::string bytes;
    EXPECT_THAT(objects_->GetRange(chunk.ref.pack, chunk.ref.offset, chunk.ref.bytes, bytes),
                IsOk());
    return bytes;
  }
  static std::vector<std::string> BlocksOf(const std::string& chunk) {
    const auto reader = ChunkReader::Make(chunk);
    std::vector<std::string> blocks;
    for (size_t i = 0; i < reader->blocks().size(); ++i) {
      blocks.push_back(reader->CopyBlock(i)->data);
    }
    return blocks;
  }

  // A pack that is compacted, with streams a and b; some lines of a hold the secret.
  std::vector<TestEntry> PutCompacted(size_t count, const std::vector<size_t>& secrets) {
    test::EntryGenerator generate(3);
    std::vector<TestEntry> a = generate.Entries(count);
    for (const size_t i : secrets) {
      a[i].line += kSecret;
      a[i].metadata.insert(a[i].metadata.begin() + 1, {"only_here", "x"});
    }
    Put({{"app", "a"}}, a);
    Put({{"app", "b"}}, generate.Entries(count));
    Compact();
    return a;
  }
  std::vector<TestEntry> ReadStream(const std::string& app) {
    model::ScanRequest request = Request();
    request.matchers = {*model::Matcher::Make(model::MatchOp::kEqual, "app", app)};
    return Read(request);
  }

  std::shared_ptr<const model::EntryFilters> filters_;
};

TEST_F(ChunkTrimmerTest, BlocksOfWhichAllStaysAreTakenOverByteForByte) {
  std::vector<TestEntry> entries = PutCompacted(2000, {777});
  const std::vector<CommittedChunk> before = ChunksOf(OnlyPack());
  const std::string untouched = BytesOf(before[1]);
  const std::vector<std::string> old_blocks = BlocksOf(BytesOf(before[0]));
  ASSERT_GT(old_blocks.size(), 10u);

  Erase("a", kSecret);
  EXPECT_EQ(Compact().erased, 1u);
  const std::vector<CommittedChunk> after = ChunksOf(OnlyPack());
  ASSERT_THAT(after, SizeIs(2));
  EXPECT_EQ(BytesOf(after[1]), untouched);
  const std::vector<std::string> new_blocks = BlocksOf(BytesOf(after[0]));
  ASSERT_EQ(new_blocks.size(), old_blocks.size());
  size_t changed = 0;
  for (size_t i = 0; i < old_blocks.size(); ++i) changed += old_blocks[i] != new_blocks[i] ? 1 : 0;
  EXPECT_EQ(changed, 1u);
  entries.erase(entries.begin() + 777);
  EXPECT_EQ(ReadStream("a"), entries);
  EXPECT_THAT(ReadStream("b"), SizeIs(2000));
}

TEST_F(ChunkTrimmerTest, NothingOfWhatGoesIsLeftInThePack) {
  PutCompacted(3000, {5, 1500, 1501, 2999});
  Erase("a", kSecret);
  EXPECT_EQ(Compact().erased, 4u);
  const ObjectEntry pack = OnlyPack();
  const auto filter = ReadStoredFilter(pack.key, *objects_);
  ASSERT_THAT(filter, IsOk());
  ASSERT_TRUE(filter->has_value());
  EXPECT_FALSE((*filter)->filter.MayHaveMetadata("only_here"));
  EXPECT_TRUE((*filter)->filter.MayHaveMetadata("trace_id"));
  EXPECT_EQ(BytesOf(pack).find("only_here"), std::string::npos);
}

TEST_F(ChunkTrimmerTest, TheFilterOfThePackIsThatOfBeforeUntilMostHasGone) {
  const std::vector<TestEntry> entries = PutCompacted(6000, {});
  // None once the pack is too small for a filter.
  const auto ids_of = [&] {
    const auto filter = ReadStoredFilter(OnlyPack().key, *objects_);
    EXPECT_THAT(filter, IsOk());
    return filter.ok() && filter->has_value() ? (*filter)->filter.id_keys() : uint64_t{0};
  };
  const uint64_t ids = ids_of();
  ASSERT_GT(ids, 0u);
  Erase("a", "", {0, entries[500].time});
  EXPECT_EQ(Compact().erased, 500u);
  EXPECT_EQ(ids_of(), ids);
  Erase("a", "", {0, entries[5999].time + 1});
  Compact();
  Erase("b", "", {0, entries[4000].time});
  Compact();
  EXPECT_LT(ids_of(), ids / 2);
}

TEST_F(ChunkTrimmerTest, AStreamWithADamagedBlockStaysWhereItIs) {
  const std::vector<TestEntry> entries = PutCompacted(2000, {10});
  const ObjectEntry pack = OnlyPack();
  const ChunkRef damaged = ChunksOf(pack)[0].ref;
  std::string bytes = BytesOf(pack);
  bytes[damaged.offset + damaged.bytes - 1] ^= 1;  // Of the last block: the first loses a line.
  ASSERT_THAT(files_.AtomicWrite("/chunks/" + pack.key, bytes), IsOk());
  Reopen();
  Erase("a", kSecret);
  const CompactionOutcome outcome = Compact();
  ASSERT_THAT(outcome.packs_left, SizeIs(1));
  EXPECT_TRUE(outcome.packs_left[0].lasting);
  EXPECT_EQ(outcome.erased, 0u);
  EXPECT_THAT(ReadStream("b"), SizeIs(2000));
  EXPECT_THAT(*objects_->List("packs/"), SizeIs(2));
}

TEST_F(ChunkTrimmerTest, ErrorsNameThePackAndTheChunk) {
  PutCompacted(100, {});
  CommittedChunk chunk = ChunksOf(OnlyPack())[0];
  chunk.ref.summary.entries += 1;
  ChunkTrimmer trimmer({}, *objects_);
  const auto trimmed = trimmer.Trim(chunk, [](int64_t, int64_t) { return nullptr; });
  EXPECT_THAT(trimmed, HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(trimmed.status().message(), HasSubstr(chunk.ref.pack + ": chunk at "));
}

TEST_F(ChunkTrimmerTest, WhatStaysIsTheSameAsWithoutTheShortWay) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    test::EntryGenerator generate(seed);
    std::vector<TestEntry> entries = generate.Entries(1500);
    Put({{"app", "a"}}, entries);
    filters_ = nullptr;
    Compact();
    for (int round = 0; round < 3; ++round) {
      const int64_t start = entries[generate.Below(entries.size())].time;
      const int64_t end = start + static_cast<int64_t>(generate.Below(8'000'000'000));
      const std::string word = generate.Below(2) == 0 ? "" : "TIMEOUT";
      Erase("a", word, {start, end});
      Compact();
      std::erase_if(entries, [&](const TestEntry& entry) {
        return start <= entry.time && entry.time < end &&
               entry.line.find(word) != std::string::npos;
      });
      ASSERT_EQ(ReadStream("a"), entries) << "seed " << seed;
    }
    Erase("a", "", TimeRange::All());
    Compact();
    ASSERT_THAT(*objects_->List("packs/"), IsEmpty());
  }
}

}  // namespace
}  // namespace skald::chunkstore

// Packs as earlier versions of the writer left them: read, searched, and compacted to what is
// written now.

#include "chunkstore/old_packs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "chunkstore/compact/compactor.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/compact/retention.h"
#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/pack.h"
#include "chunkstore/store_fixture.h"
#include "common/bytes.h"
#include "common/limits.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::IsOk;
using test::kOldEntries;
using test::kOldPacks;
using test::kOldStreams;
using test::OldPack;
using test::OldStream;
using test::TestEntry;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

uint32_t ChunkVersion(std::string_view pack, const PackEntry& entry) {
  return LoadFixed32(pack.data() + entry.offset + 4);
}

class OldPacksTest : public StoreFixture {
 protected:
  // Has a store of these packs, whose index is made from them.
  void OpenWith(const std::vector<OldPack>& packs) {
    store_.reset();
    for (const std::string& key : Packs()) ASSERT_THAT(objects_->Delete(key), IsOk());
    for (const OldPack& pack : packs) {
      const std::string key = "packs/local/000000000000000" + std::to_string(&pack - packs.data());
      ASSERT_THAT(objects_->Put(key, test::BytesOf(pack)), IsOk());
    }
    OpenWithoutIndex();
  }
  void OpenWithoutIndex() {
    store_.reset();
    std::filesystem::remove_all(IndexFolder());
    Reopen();
  }

  std::vector<std::string> Packs() {
    std::vector<std::string> keys;
    const auto packs = objects_->List("packs/");
    EXPECT_THAT(packs, IsOk());
    for (const ObjectEntry& pack : *packs) keys.push_back(pack.key);
    return keys;
  }

  model::ScanRequest RequestOf(const OldStream& stream) {
    model::ScanRequest request = Request();
    request.tenant = model::TenantId(stream.tenant);
    request.matchers = {*model::Matcher::Make(model::MatchOp::kEqual, "app", stream.app)};
    return request;
  }

  // All that is told of entries, labels and sizes.
  void ExpectAll() {
    for (size_t i = 0; i < kOldStreams; ++i) {
      const OldStream stream = test::OldStreamOf(i);
      EXPECT_EQ(Read(RequestOf(stream)), stream.entries) << i;
    }
    const model::StreamLookup of{.tenant = model::TenantId("tenant")};
    EXPECT_THAT(*store_->LabelNames(of), ElementsAre("app", "env"));
    EXPECT_THAT(*store_->LabelValues(of, "app"), ElementsAre("api", "web"));
    EXPECT_THAT(*store_->LabelValues({.tenant = model::TenantId("other")}, "app"),
                ElementsAre("api"));
    EXPECT_THAT(*store_->Series(of), SizeIs(2));
  }

  StoredVolume StatsOf(const OldStream& stream) {
    const model::ScanRequest request = RequestOf(stream);
    const auto stats = store_->Stats({.tenant = request.tenant, .matchers = request.matchers});
    EXPECT_THAT(stats, IsOk());
    return *stats;
  }

  static uint64_t LineBytes(const OldStream& stream) {
    uint64_t bytes = 0;
    for (const TestEntry& entry : stream.entries) bytes += entry.line.size();
    return bytes;
  }

  // Each entry is found by what only its line has, and what no line has is found nowhere.
  void ExpectSearchesFind() {
    for (size_t i = 0; i < kOldStreams; ++i) {
      const OldStream stream = test::OldStreamOf(i);
      model::ScanRequest request = RequestOf(stream);
      for (size_t number = 0; number < kOldEntries; ++number) {
        request.literals = {{.any_of = {test::OldTrace(i, number)}}};
        EXPECT_THAT(Read(request), testing::Contains(stream.entries[number])) << number;
      }
    }
  }

  // How many packs a search for an id that is nowhere did not look into.
  uint64_t SkippedForAnAbsentId() {
    model::ScanRequest request = Request();
    request.literals = {{.any_of = {test::OldTrace(77, 77)}}};
    model::ScanContext context;
    Read(request, context);
    return context.stats.packs_skipped;
  }

  void Compact() {
    PackRemover remover(store_->parts(), clock_);
    Compactor::Options options;
    options.interval = std::chrono::nanoseconds(0);
    Compactor compactor(options, store_->parts(), no_retention_, remover, clock_);
    ASSERT_THAT(compactor.RunRound(), IsOk());
  }

  // The packs are two, one a day, of what is written now.
  void ExpectCompacted() {
    EXPECT_THAT(Packs(),
                ElementsAre(testing::HasSubstr("-2023-11-14"), testing::HasSubstr("-2023-11-15")));
    for (const std::string& key : Packs()) {
      const std::string bytes = *objects_->Get(key);
      EXPECT_EQ(DecodePackHead(bytes.substr(0, kPackHeadBytes))->version, 7u);
      const auto entries = ReadPackDirectory(bytes);
      ASSERT_THAT(entries, IsOk());
      for (const PackEntry& entry : *entries) EXPECT_EQ(ChunkVersion(bytes, entry), kChunkVersion);
    }
  }

  const StaticLimits limits_{Limits()};
  const Retention no_retention_{{}, limits_};
};

TEST_F(OldPacksTest, AreWhatTheyStandFor) {
  for (const OldPack& pack : kOldPacks) {
    SCOPED_TRACE(pack.file);
    const std::string bytes = test::BytesOf(pack);
    const auto head = DecodePackHead(bytes.substr(0, kPackHeadBytes));
    ASSERT_THAT(head, IsOk());
    EXPECT_EQ(head->version, pack.version);
    EXPECT_EQ(head->filter_bytes > 0 ? bytes[head->filter_offset] : 0, pack.ids);
    const auto entries = ReadPackDirectory(bytes);
    ASSERT_THAT(entries, IsOk());
    EXPECT_THAT(*entries, SizeIs(2 * kOldStreams));  // One a day.
    for (const PackEntry& entry : *entries) {
      EXPECT_EQ(ChunkVersion(bytes, entry), pack.chunk_version);
      const auto chunk = DecodeChunkHead(std::string_view(bytes).substr(entry.offset));
      ASSERT_THAT(chunk, IsOk());
      for (const BlockHeader& block : chunk->blocks) {
        EXPECT_NE(block.FindFilter(pack.of_lines), nullptr);
      }
    }
  }
}

TEST_F(OldPacksTest, TellAllThatIsInThem) {
  for (const OldPack& pack : kOldPacks) {
    SCOPED_TRACE(pack.file);
    OpenWith({pack});
    ExpectAll();
    for (size_t i = 0; i < kOldStreams; ++i) {
      const OldStream stream = test::OldStreamOf(i);
      const StoredVolume stats = StatsOf(stream);
      EXPECT_EQ(stats.chunks, 2u);
      EXPECT_EQ(stats.entries, kOldEntries);
      EXPECT_EQ(stats.bytes, LineBytes(stream));
      const bool stored = pack.chunk_version >= 3;
      EXPECT_EQ(stats.metadata_volume, stored ? 642u : EstimateMetadataVolume(kOldEntries));
    }
  }
}

TEST_F(OldPacksTest, AreSearched) {
  for (const OldPack& pack : kOldPacks) {
    SCOPED_TRACE(pack.file);
    OpenWith({pack});
    ExpectSearchesFind();
    EXPECT_EQ(SkippedForAnAbsentId(), pack.ids != 0 ? 1u : 0u);
  }
}

TEST_F(OldPacksTest, AreCompactedToWhatIsWrittenNow) {
  for (const OldPack& pack : kOldPacks) {
    SCOPED_TRACE(pack.file);
    OpenWith({pack});
    Compact();
    ExpectCompacted();
    ExpectAll();
    ExpectSearchesFind();
    OpenWithoutIndex();
    ExpectAll();
    for (size_t i = 0; i < kOldStreams; ++i) {
      const OldStream stream = test::OldStreamOf(i);
      EXPECT_EQ(StatsOf(stream).entries, kOldEntries);
      EXPECT_EQ(StatsOf(stream).bytes, LineBytes(stream));
    }
  }
}

TEST_F(OldPacksTest, OfAllVersionsAndOnesOfNowAreOneStore) {
  OpenWith({std::begin(kOldPacks), std::end(kOldPacks)});
  for (size_t i = 0; i < kOldStreams; ++i) {
    const OldStream stream = test::OldStreamOf(i);
    std::vector<ChunkToStore> chunks =
        Chunks({{"app", stream.app}, {"env", "prod"}}, stream.entries);
    for (ChunkToStore& chunk : chunks) chunk.tenant = model::TenantId(stream.tenant);
    ASSERT_THAT(store_->Put(chunks), IsOk());
  }
  ExpectAll();
  ExpectSearchesFind();
  Compact();
  ExpectCompacted();
  ExpectAll();
  EXPECT_EQ(StatsOf(test::OldStreamOf(0)).entries, kOldEntries);  // Each once.
}

}  // namespace
}  // namespace skald::chunkstore

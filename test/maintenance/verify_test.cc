#include "maintenance/verify.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "chunkstore/format/pack.h"
#include "chunkstore/index/index_keys.h"
#include "chunkstore/index/kv_store.h"
#include "chunkstore/old_packs.h"
#include "chunkstore/store_fixture.h"
#include "common/bytes.h"

namespace skald::maintenance {
namespace {

using chunkstore::KvBatch;
using chunkstore::KvStore;
using test::IsOk;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr chunkstore::Period kDay = 19675;  // Of test::kStartNs.

class VerifyTest : public chunkstore::StoreFixture {
 protected:
  Verification Run(VerifyOptions options = {}) {
    auto verification =
        Verify(files_, {.chunks = "/chunks", .index = IndexFolder(), .wal = "/wal"}, options);
    EXPECT_THAT(verification, IsOk());
    return *std::move(verification);
  }

  std::string PackKey() { return (*objects_->List("packs/"))[0].key; }
  std::string PackPath() { return "/chunks/" + PackKey(); }

  // Changes the index as no commit would.
  void ChangeIndex(const std::function<void(KvBatch&)>& change) {
    store_.reset();
    auto index = KvStore::Open({.folder = IndexFolder()});
    ASSERT_THAT(index, IsOk());
    KvBatch batch;
    change(batch);
    ASSERT_THAT((*index)->Write(batch), IsOk());
  }

  test::EntryGenerator generator_{1};
};

TEST_F(VerifyTest, FindsNothingInASoundStoreWhileItIsOpen) {
  Put({{"app", "x"}, {"env", "prod"}}, generator_.Entries(2000));
  Put({{"app", "y"}}, generator_.Entries(500), {.codec = Codec::kZstd, .split_lines = true});
  const Verification verification = Run({.deep = true});
  EXPECT_THAT(verification.findings, IsEmpty());
  EXPECT_EQ(verification.packs, 2u);
  EXPECT_EQ(verification.entries, 2500u);
  EXPECT_EQ(verification.indexed_chunks, verification.chunks);
  EXPECT_GT(verification.filtered_words, 2500u);
}

TEST_F(VerifyTest, FindsFlippedBytesInEveryRegionOfAPack) {
  Put({{"app", "x"}}, generator_.Entries(60));
  Put({{"app", "y"}}, generator_.Entries(60));
  const std::string path = PackPath();
  const size_t bytes = files_.ReadAll(path)->size();
  // Head, block table, and footer wholly; filters, columns and directory here and there.
  for (size_t i = 0; i < bytes; i += i < 200 || i + 50 > bytes ? 1 : 29) {
    files_.FlipByte(path, i, 0x20);
    const Verification verification = Run();
    EXPECT_FALSE(verification.sound()) << "byte " << i;
    for (const Finding& finding : verification.findings) {
      EXPECT_EQ(finding.file, path) << finding.ToLine();
    }
    files_.FlipByte(path, i, 0x20);
  }
}

// Entries enough for a pack to have a filter, if their blocks leave room for it.
constexpr size_t kFilteredEntries = 4'000;
const chunkstore::BlockSealer::Options kCompacted = {.codec = Codec::kZstd, .filter_percent = 5};

TEST_F(VerifyTest, FindsFlippedBytesInAPacksFilter) {
  Put({{"app", "x"}}, generator_.Entries(kFilteredEntries), kCompacted);
  ASSERT_THAT(Run().findings, IsEmpty());
  const std::string path = PackPath();
  const auto head = chunkstore::DecodePackHead(
      std::string_view(*files_.ReadAll(path)).substr(0, chunkstore::kPackHeadBytes));
  ASSERT_THAT(head, IsOk());
  ASSERT_GT(head->filter_bytes, 0u);
  ASSERT_GT(head->chunks_offset, head->regions_offset);
  const auto expect_found = [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; i += std::max<uint64_t>(1, (end - begin) / 40)) {
      files_.FlipByte(path, i, 0x04);
      const Verification verification = Run();
      EXPECT_FALSE(verification.sound()) << "byte " << i;
      EXPECT_THAT(verification.ToText(), HasSubstr(path));
      files_.FlipByte(path, i, 0x04);
    }
  };
  expect_found(head->filter_offset, head->regions_offset);
  expect_found(head->regions_offset, head->chunks_offset);
}

TEST_F(VerifyTest, FindsAPackWhoseFilterIsOfOtherEntries) {
  const std::vector<test::TestEntry> entries = generator_.Entries(kFilteredEntries);
  std::vector<test::TestEntry> without_metadata = entries;
  for (test::TestEntry& entry : without_metadata) entry.metadata.clear();
  const struct {
    std::vector<test::TestEntry> filtered;
    std::string found;
  } kCases[] = {
      {test::EntryGenerator(2).Entries(kFilteredEntries), "block 0: the pack's filter denies \""},
      {without_metadata, "block 0: the pack's filter denies trace_id=\""},
  };
  uint64_t findings = 0;
  for (const auto& test_case : kCases) {
    std::vector<chunkstore::ChunkToStore> chunks = Chunks({{"app", "x"}}, entries, kCompacted);
    const std::vector<chunkstore::ChunkToStore> others =
        Chunks({{"app", "x"}}, test_case.filtered, kCompacted);
    ASSERT_EQ(chunks.size(), 1u);
    ASSERT_EQ(others.size(), 1u);
    std::vector<std::shared_ptr<const chunkstore::SealedBlock>>& blocks = chunks[0].chunk.blocks;
    for (size_t i = 0; i < blocks.size(); ++i) {
      auto block = std::make_shared<chunkstore::SealedBlock>(*blocks[i]);
      block->terms = others[0].chunk.blocks.at(i)->terms;
      blocks[i] = block;
    }
    ASSERT_THAT(store_->Put(chunks), IsOk());
    const Verification verification = Run();
    EXPECT_FALSE(verification.sound());
    ASSERT_GT(verification.findings.size(), findings) << "those of the packs before stay";
    EXPECT_THAT(verification.findings[findings].what, HasSubstr(test_case.found));
    findings = verification.findings.size();
  }
}

TEST_F(VerifyTest, FindsAPackThatIsMissing) {
  Put({{"app", "x"}}, generator_.Entries(10));
  const std::string path = PackPath();
  ASSERT_THAT(objects_->Delete(PackKey()), IsOk());
  const Verification verification = Run();
  ASSERT_EQ(verification.findings.size(), 1u);
  EXPECT_EQ(verification.findings[0].ToLine(),
            "fault: " + path + ": the index names 1 chunks of this pack, which is missing");
}

TEST_F(VerifyTest, NamesAPackThatCannotBeOpenedAndGoesOn) {
  Put({{"app", "x"}}, generator_.Entries(100));
  Put({{"app", "y"}}, generator_.Entries(100));
  files_.Inject({.op = test::FaultyFileSystem::Op::kOpenForRead,
                 .code = StatusCode::kPermissionDenied,
                 .path_contains = PackPath(),
                 .times = 1000});
  const Verification verification = Run();
  ASSERT_EQ(verification.findings.size(), 1u);
  EXPECT_EQ(verification.findings[0].file, PackPath());
  EXPECT_FALSE(verification.sound());
  EXPECT_EQ(verification.packs, 1u);
  EXPECT_EQ(verification.entries, 100u);
}

TEST_F(VerifyTest, CallsAPackThatTheIndexDoesNotNameAnOrphan) {
  Put({{"app", "x"}}, generator_.Entries(10));
  const std::string bytes = *objects_->Get(PackKey());
  ASSERT_THAT(objects_->Put("packs/local/0000000000000001", bytes), IsOk());
  const Verification verification = Run();
  EXPECT_TRUE(verification.sound());
  ASSERT_EQ(verification.findings.size(), 1u);
  EXPECT_THAT(verification.findings[0].what, HasSubstr("orphan"));
}

TEST_F(VerifyTest, FindsWhatAnIndexSaysWrongly) {
  using namespace chunkstore;
  Put({{"app", "x"}}, generator_.Entries(10));
  const std::string posting = ContainerKey(PostingsPrefix(kTenant, kDay, "app", "x"), 0);
  const std::string presence = ContainerKey(PresencePrefix(kTenant, kDay, "app"), 0);
  const std::string everything = ContainerKey(PresencePrefix(kTenant, kDay, ""), 0);
  const std::string pack = PackKey();
  std::string zero;
  PutFixed64(zero, 0);
  const struct {
    std::function<void(KvBatch&)> change;
    std::string found;
  } kCases[] = {
      {[&](KvBatch& b) { b.Delete(posting); }, "postings: key"},
      {[&](KvBatch& b) { b.Append(posting, ContainerItem(7)); }, "series 7 does not belong there"},
      {[&](KvBatch& b) { b.Put(presence, ""); }, "series 0 is missing"},
      {[&](KvBatch& b) { b.Put(everything, "x"); }, "malformed"},
      {[&](KvBatch& b) { b.Delete(NameKey(kTenant, kDay, "app")); }, "names: key"},
      {[&](KvBatch& b) { b.Put(ValueKey(kTenant, kDay, "app", "z"), ""); }, "no series has it"},
      {[&](KvBatch& b) {
         b.Delete(FingerprintKey(kTenant, kDay, model::Labels{{"app", "x"}}.Hash()));
       },
       "fingerprints: series 0 is missing"},
      {[&](KvBatch& b) { b.Put(chunkstore::PackKey(pack), "\x05"); }, "is said to have 5 chunks"},
      {[&](KvBatch& b) { b.Delete(chunkstore::PackKey(pack)); }, "packs: " + pack + " is missing"},
      {[&](KvBatch& b) { b.Delete(DayPackKey(kTenant, kDay, pack)); }, "packs of days: key"},
      {[&](KvBatch& b) { b.Put(DayPackKey(kTenant, kDay, "no"), DayPack().Encode()); },
       "no chunk of the day is in it"},
      {[&](KvBatch& b) {
         b.Put(DayPackKey(kTenant, kDay, pack),
               DayPack{.chunks = 1, .min_time = 0, .max_time = 0}.Encode());
       },
       "has entries outside of its times"},
      {[&](KvBatch& b) { b.Put(kHighestSeqKey, zero); }, "highest_seq is less than"},
      {[&](KvBatch& b) { b.Delete(kFormatKey); }, "format is missing"},
      {[&](KvBatch& b) { b.Put(kFormatKey, "3"); }, "format version \"3\" is not known"},
      {[&](KvBatch& b) { b.Put(kFormatKey, "1"); }, "no chunk of the day is in it"},
      {[&](KvBatch& b) { b.Put(SeriesKey(kTenant, kDay, 0), "?"); }, "malformed labels"},
      {[&](KvBatch& b) {
         b.Put(SeriesKey(kTenant, kDay, 9), model::Labels{{"a", "b"}}.encoded());
       },
       "series 9: the id was never given out"},
  };
  for (const auto& test_case : kCases) {
    // A copy of the index is damaged, so that the cases do not add up.
    store_.reset();
    std::filesystem::copy(IndexFolder(), IndexFolder() + ".sound",
                          std::filesystem::copy_options::recursive);
    ChangeIndex(test_case.change);
    const Verification verification = Run();
    EXPECT_FALSE(verification.sound());
    EXPECT_THAT(verification.ToText(), HasSubstr(test_case.found));
    std::filesystem::remove_all(IndexFolder());
    std::filesystem::rename(IndexFolder() + ".sound", IndexFolder());
  }
}

TEST_F(VerifyTest, TakesAnIndexOfVersion1ForWhatItIs) {
  using namespace chunkstore;
  Put({{"app", "x"}}, generator_.Entries(10));
  Put({{"app", "y"}}, generator_.Entries(10));
  const std::string posting = ContainerKey(PostingsPrefix(kTenant, kDay, "app", "x"), 0);
  ChangeIndex([this](KvBatch& batch) {
    batch.DeletePrefix(DayPacksPrefix(kTenant, kDay));
    batch.Put(kFormatKey, "1");
  });
  const Verification old = Run();
  ASSERT_EQ(old.findings.size(), 1u) << old.ToText();
  EXPECT_EQ(old.findings[0].ToLine(), "note: " + IndexFolder() +
                                          ": format version 1, without the packs of days: the next "
                                          "start adds them");
  EXPECT_EQ(old.indexed_chunks, 2u);
  // All else of it is held against the packs as ever.
  ChangeIndex([&](KvBatch& batch) { batch.Delete(posting); });
  EXPECT_THAT(Run().ToText(), HasSubstr("postings: key"));
}

TEST_F(VerifyTest, FindsNothingInPacksOfEarlierVersions) {
  for (const test::OldPack& pack : test::kOldPacks) {
    store_.reset();
    std::filesystem::remove_all(IndexFolder());
    ASSERT_THAT(objects_->Put("packs/local/0000000000000001", test::BytesOf(pack)), IsOk());
    Reopen();
    const Verification verification = Run({.deep = true});
    EXPECT_THAT(verification.findings, IsEmpty()) << pack.file << ": " << verification.ToText();
    EXPECT_EQ(verification.entries, test::kOldStreams * test::kOldEntries) << pack.file;
  }
}

TEST_F(VerifyTest, FindsChunksThatIndexAndPackTellApart) {
  Put({{"app", "x"}}, generator_.Entries(10));
  const auto chunks = store_->Chunks({kTenant});
  ASSERT_THAT(chunks, IsOk());
  chunkstore::ChunkRef ref = (*chunks)[0].chunks[0];
  const std::string key = chunkstore::ChunkKey(kTenant, kDay, 0, ref);
  ref.summary.entries = 11;
  ChangeIndex([&](KvBatch& batch) { batch.Put(key, chunkstore::EncodeChunkValue(ref)); });
  EXPECT_THAT(Run().ToText(), HasSubstr("index: times, seqs or counts are others there"));
  ref.offset += 1;
  ChangeIndex([&](KvBatch& batch) {
    batch.Delete(key);
    batch.Put(chunkstore::ChunkKey(kTenant, kDay, 0, ref), chunkstore::EncodeChunkValue(ref));
  });
  EXPECT_THAT(Run().ToText(), HasSubstr("the index names a chunk that the pack does not have"));
}

TEST_F(VerifyTest, TakesAMissingIndexForOneThatWillBeMade) {
  Put({{"app", "x"}}, generator_.Entries(10));
  store_.reset();
  std::filesystem::remove_all(IndexFolder());
  const Verification verification = Run();
  EXPECT_TRUE(verification.sound());
  EXPECT_THAT(verification.ToText(), HasSubstr("there is no index"));
}

// Index, filter and metadata of a table too, and what is between them.
TEST_F(VerifyTest, FindsAFlippedByteAnywhereInATableOfTheIndex) {
  Put({{"app", "x"}, {"env", "prod"}}, generator_.Entries(100));
  Reopen();  // Which writes what RocksDB's log has to a table.
  store_.reset();
  std::string table;
  for (const auto& file : std::filesystem::directory_iterator(IndexFolder())) {
    if (file.path().extension() == ".sst") table = file.path();
  }
  ASSERT_FALSE(table.empty());
  ASSERT_TRUE(Run().sound());
  std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
  const auto change = [&](uint64_t offset) {
    file.seekg(static_cast<std::streamoff>(offset));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(static_cast<char>(byte ^ 0x40)).flush();
  };
  const uint64_t bytes = std::filesystem::file_size(table);
  for (uint64_t offset = 0; offset < bytes; offset += 13) {
    change(offset);
    EXPECT_FALSE(Run().sound()) << "offset " << offset << " of " << bytes;
    change(offset);
  }
  EXPECT_TRUE(Run().sound());
}

TEST_F(VerifyTest, RefusesFoldersWithoutAnything) {
  const DataFolders folders{.chunks = "/etc/chunks", .index = "/etc/index", .wal = "/etc/wal"};
  EXPECT_THAT(Verify(files_, folders, {}),
              testing::AllOf(test::HasCode(StatusCode::kNotFound),
                             test::HasMessage(HasSubstr("no packs in /etc/chunks/packs"))));
  // One of the three is enough.
  for (const char* file :
       {"/a/chunks/packs/local/1", "/b/index/CURRENT", "/c/wal/0000000001.wal"}) {
    files_.Put(file, "");
    const std::string root(file, 2);
    EXPECT_THAT(
        CheckThereIsData(
            files_, {.chunks = root + "/chunks", .index = root + "/index", .wal = root + "/wal"}),
        IsOk());
  }
}

TEST_F(VerifyTest, TellsADamagedIndexWithoutChangingIt) {
  Put({{"app", "x"}}, generator_.Entries(10));
  store_.reset();
  std::filesystem::resize_file(IndexFolder() + "/CURRENT", 1);
  const Verification verification = Run();
  EXPECT_FALSE(verification.sound());
  EXPECT_THAT(verification.ToText(), HasSubstr(IndexFolder()));
}

}  // namespace
}  // namespace skald::maintenance

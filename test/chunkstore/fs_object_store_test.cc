#include "chunkstore/objstore/fs_object_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/faulty_file_system.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::chunkstore {
namespace {

using test::FaultyFileSystem;
using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

auto IsEntry(const std::string& key, uint64_t bytes) {
  return testing::AllOf(testing::Field(&ObjectEntry::key, key),
                        testing::Field(&ObjectEntry::bytes, bytes));
}

class FsObjectStoreTest : public testing::Test {
 protected:
  std::unique_ptr<FsObjectStore> Open() {
    auto store = FsObjectStore::Open(files_, "/data/objects");
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }

  FaultyFileSystem files_;
};

TEST_F(FsObjectStoreTest, ReadsBackWholeObjectsAndRanges) {
  const auto store = Open();
  ASSERT_THAT(store->Put("packs/a/1", "0123456789"), IsOk());
  EXPECT_EQ(*store->Get("packs/a/1"), "0123456789");
  std::string out;
  ASSERT_THAT(store->GetRange("packs/a/1", 3, 4, out), IsOk());
  EXPECT_EQ(out, "3456");
  EXPECT_THAT(store->GetRange("packs/a/1", 8, 3, out), HasCode(StatusCode::kOutOfRange));
}

TEST_F(FsObjectStoreTest, PutReplaces) {
  const auto store = Open();
  std::string out;
  ASSERT_THAT(store->Put("k", "old"), IsOk());
  ASSERT_THAT(store->GetRange("k", 0, 3, out), IsOk());
  ASSERT_THAT(store->Put("k", "new"), IsOk());
  ASSERT_THAT(store->GetRange("k", 0, 3, out), IsOk());
  EXPECT_EQ(out, "new");
}

TEST_F(FsObjectStoreTest, ListsWhatCannotBeOpened) {
  const auto store = Open();
  ASSERT_THAT(store->Put("packs/a/1", "12345"), IsOk());
  ASSERT_THAT(store->Put("packs/a/2", "x"), IsOk());
  files_.Inject({.op = FaultyFileSystem::Op::kOpenForRead,
                 .code = StatusCode::kPermissionDenied,
                 .path_contains = "packs/a/1"});
  EXPECT_THAT(*store->List(""), ElementsAre(IsEntry("packs/a/1", 5), IsEntry("packs/a/2", 1)));
}

// What is in it would be taken for lost.
TEST_F(FsObjectStoreTest, AFolderThatCannotBeListedIsAnError) {
  const auto store = Open();
  ASSERT_THAT(store->Put("packs/a/1", "bytes"), IsOk());
  files_.Inject({.op = FaultyFileSystem::Op::kList,
                 .code = StatusCode::kPermissionDenied,
                 .path_contains = "packs/a"});
  EXPECT_THAT(store->List(""), HasCode(StatusCode::kPermissionDenied));
}

TEST_F(FsObjectStoreTest, ListsByPrefixInOrder) {
  const auto store = Open();
  for (const char* key : {"packs/b/1", "packs/a/2", "packs/a/1", "index/x"}) {
    ASSERT_THAT(store->Put(key, key), IsOk());
  }
  EXPECT_THAT(*store->List("packs/a/"),
              ElementsAre(IsEntry("packs/a/1", 9), IsEntry("packs/a/2", 9)));
  EXPECT_EQ(store->List("packs/")->size(), 3u);
  EXPECT_EQ(store->List("packs/b")->size(), 1u);
  EXPECT_EQ(store->List("")->size(), 4u);
  EXPECT_THAT(*store->List("nothing/"), IsEmpty());
}

TEST_F(FsObjectStoreTest, ListsAnotherVersionOnceAnObjectIsReplaced) {
  const auto store = Open();
  ASSERT_THAT(store->Put("a", "old"), IsOk());
  ASSERT_THAT(store->Put("b", "old"), IsOk());
  const auto before = *store->List("");
  ASSERT_THAT(store->Put("b", "new"), IsOk());
  const auto after = *store->List("");
  EXPECT_FALSE(before[0].version.empty());
  EXPECT_EQ(before[0], after[0]);
  EXPECT_NE(before[1], after[1]);
}

TEST_F(FsObjectStoreTest, DeletedObjectsAreGone) {
  const auto store = Open();
  std::string out;
  ASSERT_THAT(store->Put("k", "v"), IsOk());
  ASSERT_THAT(store->GetRange("k", 0, 1, out), IsOk());
  EXPECT_THAT(store->Delete("k"), IsOk());
  EXPECT_THAT(store->Delete("k"), IsOk());
  EXPECT_THAT(store->Get("k"), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(store->GetRange("k", 0, 1, out), HasCode(StatusCode::kNotFound));
}

TEST_F(FsObjectStoreTest, RefusesKeysThatLeaveTheFolder) {
  const auto store = Open();
  for (const char* key :
       {"", "/etc/passwd", "a//b", "../x", "a/../b", "a/.", "a/", "a b", "packs/1.tmp"}) {
    EXPECT_THAT(store->Put(key, "v"), HasCode(StatusCode::kInvalidArgument)) << key;
  }
}

TEST_F(FsObjectStoreTest, AnObjectSurvivesACrashOnceItIsPut) {
  ASSERT_THAT(Open()->Put("packs/a/1", "bytes"), IsOk());
  files_.Crash();
  EXPECT_EQ(*Open()->Get("packs/a/1"), "bytes");
}

TEST_F(FsObjectStoreTest, ADeletedObjectDoesNotComeBackWithACrash) {
  ASSERT_THAT(Open()->Put("packs/a/1", "bytes"), IsOk());
  ASSERT_THAT(Open()->Delete("packs/a/1"), IsOk());
  files_.Crash();
  EXPECT_THAT(Open()->Get("packs/a/1"), HasCode(StatusCode::kNotFound));
}

TEST_F(FsObjectStoreTest, AFullDiskIsResourceExhaustedAndLeavesNothing) {
  const auto store = Open();
  files_.SetCapacity(10);
  EXPECT_THAT(store->Put("k", std::string(100, 'x')), HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(*store->List(""), IsEmpty());
}

TEST_F(FsObjectStoreTest, OpenRemovesWhatInterruptedWritesHaveLeft) {
  ASSERT_THAT(Open()->Put("packs/a/1", "bytes"), IsOk());
  ASSERT_THAT(files_.AtomicWrite("/data/objects/packs/a/2.7.tmp", "half"), IsOk());
  EXPECT_EQ(Open()->List("")->size(), 1u);
  EXPECT_FALSE(*files_.Exists("/data/objects/packs/a/2.7.tmp"));
}

TEST_F(FsObjectStoreTest, AttachReadsAndLeavesTheFolderAsItIs) {
  ASSERT_THAT(Open()->Put("packs/a/1", "0123456789"), IsOk());
  ASSERT_THAT(files_.AtomicWrite("/data/objects/packs/a/2.0.tmp", "half"), IsOk());
  const auto store = FsObjectStore::Attach(files_, "/data/objects");
  EXPECT_EQ(*store->Get("packs/a/1"), "0123456789");
  EXPECT_TRUE(*files_.Exists("/data/objects/packs/a/2.0.tmp"));
  EXPECT_THAT(*FsObjectStore::Attach(files_, "/none")->List(""), IsEmpty());
}

TEST(FsObjectStoreOnDiskTest, WorksOnARealFolder) {
  const test::TempFolder folder;
  const auto files = MakePosixFileSystem();
  const auto store = FsObjectStore::Open(*files, folder.path() + "/objects");
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT((*store)->Put("packs/a/1", "bytes"), IsOk());
  EXPECT_THAT(*(*store)->List("packs/"), ElementsAre(IsEntry("packs/a/1", 5)));
  EXPECT_THAT((*store)->Delete("packs/a/1"), IsOk());
  EXPECT_THAT(*(*store)->List("packs/"), IsEmpty());
}

}  // namespace
}  // namespace skald::chunkstore

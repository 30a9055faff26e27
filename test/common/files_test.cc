#include "common/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald {
namespace {

using test::FaultyFileSystem;
using test::HasCode;
using test::IsOk;

// A file system and a folder to work in. The one in memory has to behave as the real one does.
struct World {
  std::unique_ptr<FileSystem> files;
  std::string root;
};

World RealWorld() {
  std::string root = testing::TempDir() + "skald_files_XXXXXX";
  if (mkdtemp(root.data()) == nullptr) std::abort();
  return {MakePosixFileSystem(), root};
}

World MemoryWorld() {
  auto files = std::make_unique<FaultyFileSystem>();
  if (!files->MakeDirs("/data").ok()) std::abort();
  return {std::move(files), "/data"};
}

class FilesTest : public testing::TestWithParam<std::function<World()>> {
 protected:
  FilesTest() : world_(GetParam()()) {}
  ~FilesTest() override {
    if (world_.root != "/data") std::filesystem::remove_all(world_.root);
  }

  FileSystem& files() { return *world_.files; }
  std::string Path(std::string_view name) const { return JoinPath(world_.root, name); }

  const World world_;
};

INSTANTIATE_TEST_SUITE_P(Worlds, FilesTest, testing::Values(&RealWorld, &MemoryWorld));

TEST_P(FilesTest, ReadsBackWhatWasAppended) {
  auto file = files().Create(Path("wal"));
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append("hello "), IsOk());
  ASSERT_THAT((*file)->Append("world"), IsOk());
  ASSERT_THAT((*file)->Sync(), IsOk());
  ASSERT_THAT((*file)->Close(), IsOk());
  EXPECT_EQ(*files().ReadAll(Path("wal")), "hello world");
}

TEST_P(FilesTest, ReadsAtAnyOffsetButNotPastTheEnd) {
  ASSERT_THAT(files().AtomicWrite(Path("f"), "0123456789"), IsOk());
  auto file = files().OpenForRead(Path("f"));
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ((*file)->size(), 10u);
  std::string out = "old";
  ASSERT_THAT((*file)->Read(3, 4, out), IsOk());
  EXPECT_EQ(out, "3456");
  ASSERT_THAT((*file)->Read(10, 0, out), IsOk());
  EXPECT_EQ(out, "");
  EXPECT_THAT((*file)->Read(7, 4, out), HasCode(StatusCode::kOutOfRange));
  EXPECT_THAT((*file)->Read(11, 0, out), HasCode(StatusCode::kOutOfRange));
  EXPECT_THAT((*file)->Read(~uint64_t{0}, 2, out), HasCode(StatusCode::kOutOfRange));
}

TEST_P(FilesTest, AppendsGoOnWhereATruncationCut) {
  auto file = files().Create(Path("wal"));
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append("good|torn"), IsOk());
  ASSERT_THAT((*file)->Truncate(5), IsOk());
  ASSERT_THAT((*file)->Append("next"), IsOk());
  EXPECT_EQ(*files().ReadAll(Path("wal")), "good|next");
}

TEST_P(FilesTest, ReservingDoesNotChangeTheSize) {
  auto file = files().Create(Path("wal"));
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append("x"), IsOk());
  ASSERT_THAT((*file)->Reserve(100'000), IsOk());
  EXPECT_EQ(*files().ReadAll(Path("wal")), "x");
}

TEST_P(FilesTest, CreateTruncatesWhatWasThere) {
  ASSERT_THAT(files().AtomicWrite(Path("f"), "old"), IsOk());
  ASSERT_THAT(files().Create(Path("f")), IsOk());
  EXPECT_EQ(*files().ReadAll(Path("f")), "");
}

TEST_P(FilesTest, AtomicWriteJoinsManyParts) {
  std::vector<std::string> texts;
  std::string joined;
  for (int i = 0; i < 1000; ++i) joined += texts.emplace_back(std::string(i % 7, 'a' + i % 26));
  const std::vector<std::string_view> parts(texts.begin(), texts.end());
  ASSERT_THAT(files().AtomicWrite(Path("f"), parts), IsOk());
  EXPECT_EQ(*files().ReadAll(Path("f")), joined);
}

TEST_P(FilesTest, AVersionChangesWhenAFileIsReplaced) {
  const auto version = [&] {
    auto file = files().OpenForRead(Path("f"));
    return file.ok() ? (*file)->version() : "none";
  };
  ASSERT_THAT(files().AtomicWrite(Path("f"), "old"), IsOk());
  const std::string old = version();
  EXPECT_EQ(version(), old);
  ASSERT_THAT(files().AtomicWrite(Path("f"), "new"), IsOk());
  EXPECT_NE(version(), old);
}

TEST_P(FilesTest, StatTellsWhatAnOpenFileTells) {
  ASSERT_THAT(files().AtomicWrite(Path("f"), "four"), IsOk());
  const auto file = files().OpenForRead(Path("f"));
  ASSERT_THAT(file, IsOk());
  const auto state = files().Stat(Path("f"));
  ASSERT_THAT(state, IsOk());
  EXPECT_EQ(state->bytes, 4u);
  EXPECT_EQ(state->version, (*file)->version());
  EXPECT_THAT(files().Stat(Path("none")), HasCode(StatusCode::kNotFound));
}

TEST_P(FilesTest, AtomicWriteReplacesAndLeavesNothingBehind) {
  ASSERT_THAT(files().AtomicWrite(Path("f"), "old"), IsOk());
  ASSERT_THAT(files().AtomicWrite(Path("f"), "new"), IsOk());
  EXPECT_EQ(*files().ReadAll(Path("f")), "new");
  EXPECT_EQ(*files().List(world_.root), std::vector<std::string>{"f"});
}

TEST_P(FilesTest, AtomicWriteTakesTheLongestName) {
  const std::string name(255, 'n');
  ASSERT_THAT(files().AtomicWrite(Path(name), "x"), IsOk());
  EXPECT_EQ(*files().List(world_.root), std::vector<std::string>{name});
}

TEST_P(FilesTest, ListsFilesAndFoldersSorted) {
  ASSERT_THAT(files().MakeDirs(Path("b/deep/er")), IsOk());
  ASSERT_THAT(files().MakeDirs(Path("b/deep")), IsOk());
  ASSERT_THAT(files().AtomicWrite(Path("c"), ""), IsOk());
  ASSERT_THAT(files().AtomicWrite(Path("a"), ""), IsOk());
  EXPECT_EQ(*files().List(world_.root), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(*files().List(Path("b")), (std::vector<std::string>{"deep"}));
  EXPECT_THAT(files().List(Path("a")), HasCode(StatusCode::kNotFound)) << "it is a file";
}

TEST_P(FilesTest, RenamesAndRemoves) {
  ASSERT_THAT(files().AtomicWrite(Path("a"), "1"), IsOk());
  ASSERT_THAT(files().AtomicWrite(Path("b"), "2"), IsOk());
  ASSERT_THAT(files().Rename(Path("a"), Path("b")), IsOk());
  ASSERT_THAT(files().SyncDir(world_.root), IsOk());
  EXPECT_EQ(*files().ReadAll(Path("b")), "1");
  EXPECT_FALSE(*files().Exists(Path("a")));
  ASSERT_THAT(files().Remove(Path("b")), IsOk());
  EXPECT_FALSE(*files().Exists(Path("b")));
}

TEST_P(FilesTest, ALinkIsASecondNameForTheSameFile) {
  ASSERT_THAT(files().AtomicWrite(Path("a"), "text"), IsOk());
  ASSERT_THAT(files().Link(Path("a"), Path("b")), IsOk());
  EXPECT_THAT(files().Link(Path("a"), Path("b")), HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(files().Link(Path("x"), Path("c")), HasCode(StatusCode::kNotFound));
  ASSERT_THAT(files().Remove(Path("a")), IsOk());
  EXPECT_EQ(*files().ReadAll(Path("b")), "text");
}

TEST_P(FilesTest, WhatIsMissingIsNotFound) {
  std::string out;
  EXPECT_THAT(files().ReadAll(Path("x")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(files().OpenForRead(Path("x")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(files().Remove(Path("x")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(files().Rename(Path("x"), Path("y")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(files().List(Path("x")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(files().Create(Path("no/such/folder")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(files().SyncDir(Path("x")), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(*files().Exists(Path("x")));
}

TEST_P(FilesTest, KnowsTheSpaceLeft) {
  const auto space = files().DiskSpace(world_.root);
  ASSERT_THAT(space, IsOk());
  EXPECT_GT(space->free_bytes, 0u);
  EXPECT_LE(space->free_bytes, space->total_bytes);
}

TEST(JoinPathTest, Joins) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(JoinPath("a", "/b"), "/b");
}

class FaultyFileSystemTest : public testing::Test {
 protected:
  FaultyFileSystemTest() { EXPECT_THAT(files_.MakeDirs("/d"), IsOk()); }

  std::unique_ptr<AppendFile> Create(const std::string& path) {
    auto file = files_.Create(path);
    EXPECT_THAT(file, IsOk());
    return *std::move(file);
  }

  FaultyFileSystem files_;
};

TEST_F(FaultyFileSystemTest, ACrashDropsWhatWasNotSynced) {
  auto file = Create("/d/wal");
  ASSERT_THAT(file->Append("kept"), IsOk());
  ASSERT_THAT(file->Sync(), IsOk());
  ASSERT_THAT(files_.SyncDir("/d"), IsOk());
  ASSERT_THAT(file->Append("lost"), IsOk());
  files_.Crash();
  EXPECT_EQ(*files_.ReadAll("/d/wal"), "kept");
  EXPECT_THAT(file->Append("more"), HasCode(StatusCode::kUnavailable));
}

TEST_F(FaultyFileSystemTest, ACrashDropsNamesThatWereNotSynced) {
  ASSERT_THAT(files_.AtomicWrite("/d/a", "a"), IsOk());  // Syncs the folder.
  ASSERT_THAT(Create("/d/new")->Sync(), IsOk());
  ASSERT_THAT(files_.Rename("/d/a", "/d/b"), IsOk());
  files_.Crash();
  EXPECT_EQ(*files_.List("/d"), std::vector<std::string>{"a"});
}

TEST_F(FaultyFileSystemTest, ATornWriteLeavesItsFront) {
  auto file = Create("/d/wal");
  ASSERT_THAT(file->Append("kept|"), IsOk());
  ASSERT_THAT(file->Sync(), IsOk());
  ASSERT_THAT(files_.SyncDir("/d"), IsOk());
  ASSERT_THAT(file->Append("torn record"), IsOk());
  files_.Crash(4);
  EXPECT_EQ(*files_.ReadAll("/d/wal"), "kept|torn");
}

TEST_F(FaultyFileSystemTest, AKillLosesNothingWritten) {
  auto file = Create("/d/wal");
  ASSERT_THAT(file->Append("bytes"), IsOk());
  files_.Kill();
  EXPECT_EQ(*files_.ReadAll("/d/wal"), "bytes");
  EXPECT_THAT(file->Sync(), HasCode(StatusCode::kUnavailable));
}

TEST_F(FaultyFileSystemTest, FailsTheCallsAskedFor) {
  auto file = Create("/d/wal");
  files_.Inject({.op = FaultyFileSystem::Op::kAppend,
                 .code = StatusCode::kResourceExhausted,
                 .path_contains = "wal",
                 .after = 1,
                 .short_bytes = 2});
  EXPECT_THAT(file->Append("one"), IsOk());
  EXPECT_THAT(file->Append("four"), HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(file->Append("three"), IsOk());
  EXPECT_EQ(*files_.ReadAll("/d/wal"), "onefothree");
  EXPECT_EQ(files_.calls(FaultyFileSystem::Op::kAppend), 3);
}

TEST_F(FaultyFileSystemTest, RunsFull) {
  auto file = Create("/d/wal");
  files_.SetCapacity(5);
  EXPECT_THAT(file->Append("123"), IsOk());
  EXPECT_THAT(file->Reserve(3), HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(file->Append("456"), HasCode(StatusCode::kResourceExhausted));
  EXPECT_EQ(*files_.ReadAll("/d/wal"), "12345");
  ASSERT_THAT(file->Truncate(3), IsOk());
  EXPECT_THAT(file->Append("45"), IsOk());
}

}  // namespace
}  // namespace skald

#include "app/data_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class DataLockTest : public testing::Test {
 protected:
  Result<std::vector<FolderLock>> Lock(std::vector<std::string> flags) {
    Configuration configuration;
    EXPECT_THAT(configuration.Load("", false, flags), IsOk());
    return LockData(*files_, configuration.config());
  }
  std::string Folder(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string Prefix(const std::string& name) const {
    return "-common.path-prefix=" + Folder(name);
  }

  const test::TempFolder folder_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
};

TEST_F(DataLockTest, ASecondSkaldIsToldWhatToDo) {
  const auto first = Lock({Prefix("a")});
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(*first, SizeIs(4));  // With those of packs, log and requests.
  EXPECT_THAT(*files_->List(Folder("a")), testing::Contains("skald.lock"));
  const auto second = Lock({Prefix("a")});
  EXPECT_THAT(second, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(second.status().message()),
              testing::AllOf(HasSubstr("the folder " + Folder("a") + " is in use by another skald"),
                             HasSubstr("give this one a folder of its own with "
                                       "-common.path-prefix")));
  EXPECT_THAT(Lock({Prefix("b")}), IsOk());
}

// As one that keeps to the folders of a configuration, but for the common one.
TEST_F(DataLockTest, AFolderInAnothersCommonOneIsLockedToo) {
  const auto first = Lock({Prefix("a")});
  ASSERT_THAT(first, IsOk());
  const auto second = Lock({Prefix("b"), "-ingester.wal-dir=" + Folder("a/wal")});
  EXPECT_THAT(second, HasCode(StatusCode::kFailedPrecondition));
}

TEST_F(DataLockTest, AFolderOfTwoNamesIsOne) {
  EXPECT_THAT(Lock({Prefix("a"), "-ingester.wal-dir=" + Folder("b/../a/./")}), IsOk());
}

TEST_F(DataLockTest, ACommonFolderWithoutDataIsNotMade) {
  ASSERT_THAT(Lock({Prefix("none"), "-ingester.wal-dir=" + Folder("log"),
                    "-local.chunk-directory=" + Folder("chunks"),
                    "-compactor.working-directory=" + Folder("requests"),
                    "-index.directory=" + Folder("index")}),
              IsOk());
  const auto made = files_->Exists(Folder("none"));
  ASSERT_THAT(made, IsOk());
  EXPECT_FALSE(*made);
}

TEST_F(DataLockTest, FoldersElsewhereAreLockedToo) {
  const auto first = Lock({Prefix("a"), "-ingester.wal-dir=" + Folder("log")});
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(*first, SizeIs(4));
  const auto second = Lock({Prefix("b"), "-ingester.wal-dir=" + Folder("log") + "/"});
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("the folder " + Folder("log") + " is in use"));
  EXPECT_THAT(Lock({Prefix("b")}), IsOk()) << "what the second had taken is free again";
}

}  // namespace
}  // namespace skald::app

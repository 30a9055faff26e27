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
  EXPECT_THAT(*first, SizeIs(1));
  EXPECT_THAT(*files_->List(Folder("a")), ElementsAre("skald.lock")) << "nothing else is touched";
  const auto second = Lock({Prefix("a")});
  EXPECT_THAT(second, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(second.status().message()),
              testing::AllOf(HasSubstr("the folder " + Folder("a") + " is in use by another skald"),
                             HasSubstr("give this one a folder of its own with "
                                       "-common.path-prefix")));
  EXPECT_THAT(Lock({Prefix("b")}), IsOk());
}

TEST_F(DataLockTest, FoldersElsewhereAreLockedToo) {
  const auto first = Lock({Prefix("a"), "-ingester.wal-dir=" + Folder("log")});
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(*first, SizeIs(2));
  const auto second = Lock({Prefix("b"), "-ingester.wal-dir=" + Folder("log") + "/"});
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("the folder " + Folder("log") + " is in use"));
  EXPECT_THAT(Lock({Prefix("b")}), IsOk()) << "what the second had taken is free again";
}

}  // namespace
}  // namespace skald::app

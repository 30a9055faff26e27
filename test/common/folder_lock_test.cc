#include "common/folder_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>

#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald {
namespace {

using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

class FolderLockTest : public testing::Test {
 protected:
  Result<FolderLock> Take() { return FolderLock::Take(*files_, folder_.path() + "/new/data"); }

  const test::TempFolder folder_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
};

TEST_F(FolderLockTest, ASecondOneIsToldWhoHasIt) {
  const auto first = Take();
  ASSERT_THAT(first, IsOk());
  const auto second = Take();
  EXPECT_THAT(second, HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(
      std::string(second.status().message()),
      HasSubstr("/new/data is in use by another skald (pid " + std::to_string(::getpid()) + ")"));
}

TEST_F(FolderLockTest, IsFreeOnceItIsGivenUp) {
  { ASSERT_THAT(Take(), IsOk()); }
  EXPECT_THAT(Take(), IsOk()) << "the file is still there";
}

TEST_F(FolderLockTest, MovesWithoutBeingGivenUp) {
  auto first = Take();
  ASSERT_THAT(first, IsOk());
  std::optional<FolderLock> moved(*std::move(first));
  EXPECT_THAT(Take(), HasCode(StatusCode::kFailedPrecondition));
  moved.reset();
  EXPECT_THAT(Take(), IsOk());
}

TEST_F(FolderLockTest, GoesWithAProcessThatIsKilled) {
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = Take();
    const char sign = lock.ok() ? 'y' : 'n';
    if (::write(told[1], &sign, 1) == 1) ::pause();
    ::_exit(1);
  }
  char sign = 0;
  ASSERT_EQ(::read(told[0], &sign, 1), 1);
  EXPECT_EQ(sign, 'y');
  const auto taken = Take();
  EXPECT_THAT(std::string(taken.status().message()), HasSubstr("(pid " + std::to_string(child)));
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_THAT(Take(), IsOk());
  ::close(told[0]);
  ::close(told[1]);
}

}  // namespace
}  // namespace skald

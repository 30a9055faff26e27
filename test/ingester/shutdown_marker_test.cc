#include "ingester/shutdown_marker.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

class ShutdownMarkerTest : public testing::Test {
 protected:
  static bool IsSet(const ShutdownMarker& marker) {
    const auto set = marker.IsSet();
    EXPECT_THAT(set, IsOk());
    return set.ok() && *set;
  }

  const test::TempFolder folder_;
  test::ManualClock clock_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  const ShutdownMarker marker_{*files_, clock_, JoinPath(folder_.path(), "a/b")};
};

TEST_F(ShutdownMarkerTest, IsSetUntilItIsCleared) {
  EXPECT_FALSE(IsSet(marker_));
  EXPECT_THAT(marker_.Set(), IsOk());
  EXPECT_THAT(marker_.Set(), IsOk());
  EXPECT_TRUE(IsSet(marker_));
  EXPECT_THAT(marker_.Clear(), IsOk());
  EXPECT_THAT(marker_.Clear(), IsOk());
  EXPECT_FALSE(IsSet(marker_));
}

TEST_F(ShutdownMarkerTest, OutlivesTheProcess) {
  ASSERT_THAT(marker_.Set(), IsOk());
  const ShutdownMarker next(*files_, clock_, JoinPath(folder_.path(), "a/b"));
  EXPECT_TRUE(IsSet(next));
}

TEST_F(ShutdownMarkerTest, IsRefusedWithoutAFolder) {
  const ShutdownMarker none(*files_, clock_, "");
  EXPECT_THAT(none.IsSet(), HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(none.Set(), HasCode(StatusCode::kFailedPrecondition));
  EXPECT_THAT(none.Clear(), HasCode(StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace skald::ingester

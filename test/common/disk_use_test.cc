#include "common/disk_use.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald {
namespace {

using test::IsOk;

void WriteFile(const std::string& path, size_t bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << std::string(bytes, 'x');
}

TEST(DiskUseTest, CountsTheBlocksOfAllFilesBelowAFolder) {
  const test::TempFolder folder;
  const auto empty = AllocatedBytes(folder.path());
  ASSERT_THAT(empty, IsOk());
  EXPECT_EQ(*empty, 0u);
  WriteFile(folder.path() + "/a", 100'000);
  WriteFile(folder.path() + "/b/c/d", 50'000);
  const auto bytes = AllocatedBytes(folder.path());
  ASSERT_THAT(bytes, IsOk());
  EXPECT_GE(*bytes, 150'000u);
  EXPECT_LT(*bytes, 400'000u);
}

TEST(DiskUseTest, CountsASingleFileToo) {
  const test::TempFolder folder;
  WriteFile(folder.path() + "/a", 100'000);
  WriteFile(folder.path() + "/ab", 900'000);
  const auto bytes = AllocatedBytes(folder.path() + "/a");
  ASSERT_THAT(bytes, IsOk());
  EXPECT_GE(*bytes, 100'000u);
  EXPECT_LT(*bytes, 200'000u);
}

TEST(DiskUseTest, AFolderThatIsNotThereTakesNothing) {
  const auto bytes = AllocatedBytes("/nowhere/at/all");
  ASSERT_THAT(bytes, IsOk());
  EXPECT_EQ(*bytes, 0u);
}

}  // namespace
}  // namespace skald

#include "common/memory_size.h"

#include <gtest/gtest.h>

namespace skald {
namespace {

TEST(MemorySizeTest, ReadsTheLimitOfAControlGroup) {
  EXPECT_EQ(ParseMemoryLimit("1073741824\n"), 1073741824u);
  EXPECT_EQ(ParseMemoryLimit("9223372036854771712"), 9223372036854771712u);
  EXPECT_EQ(ParseMemoryLimit("max\n"), std::nullopt);
  EXPECT_EQ(ParseMemoryLimit(""), std::nullopt);
  EXPECT_EQ(ParseMemoryLimit("0"), std::nullopt);
  EXPECT_EQ(ParseMemoryLimit("99999999999999999999999"), std::nullopt);
}

TEST(MemorySizeTest, IsSomethingBetweenSmallAndHuge) {
  EXPECT_GT(MemoryBytes(), uint64_t{64} << 20);
  EXPECT_LT(MemoryBytes(), uint64_t{1} << 50);
}

}  // namespace
}  // namespace skald

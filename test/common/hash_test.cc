#include "common/hash.h"

#include <gtest/gtest.h>

namespace skald {
namespace {

TEST(HashTest, Xxh64IsTheOneThatOthersCompute) {
  EXPECT_EQ(Xxh64(""), 0xef46db3751d8e999u);
  EXPECT_EQ(Xxh64("abc"), 0x44bc2cf5ad770999u);
}

TEST(HashTest, Crc32cMatchesThePublishedVectors) {
  // RFC 3720, B.4.
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(HashTest, Crc32cCanBeContinued) {
  EXPECT_EQ(Crc32c("456789", Crc32c("123")), Crc32c("123456789"));
}

// Long texts take a way of their own.
TEST(HashTest, Crc32cOfALongTextIsThatOfItsParts) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text.push_back(static_cast<char>(i * i >> 3));
  uint32_t crc = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    ASSERT_EQ(Crc32c(std::string_view(text).substr(0, at)), crc) << at;
    crc = Crc32c(std::string_view(text).substr(at, 1), crc);
  }
}

// Stored in indexes and filters: a change here is a change of format.
TEST(HashTest, Hash64NeverChanges) {
  EXPECT_EQ(Hash64(""), 0x2d06800538d394c2u);
  EXPECT_EQ(Hash64("a"), 0xe6c632b61e964e1fu);
  EXPECT_NE(Hash64("a", 1), Hash64("a"));
}

TEST(HashTest, CombineDependsOnOrder) { EXPECT_NE(HashCombine(1, 2), HashCombine(2, 1)); }

TEST(HashTest, StringMapFindsByView) {
  StringMap<int> map;
  map.emplace("key", 7);
  EXPECT_EQ(map.find(std::string_view("a key").substr(2))->second, 7);
  EXPECT_FALSE(map.contains(std::string_view("ke")));
}

}  // namespace
}  // namespace skald

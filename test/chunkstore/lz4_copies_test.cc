#include "chunkstore/format/lz4_copies.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "chunkstore/test_entries.h"
#include "common/compress.h"

namespace skald::chunkstore {
namespace {

// A letter for each byte of `text`: c for one that is copied with the `before` in front of it.
std::string CopiesOf(const std::string& text, size_t before) {
  std::string packed;
  Compress(Codec::kLz4, text, packed);
  std::vector<uint64_t> bits;
  FindLz4Copies(packed, text.size(), before, bits);
  std::string copies;
  for (size_t i = 0; i < text.size(); ++i) copies += (bits[i / 64] >> i % 64 & 1) != 0 ? 'c' : '.';
  return copies;
}

TEST(Lz4CopiesTest, MarksWhatIsRepeated) {
  // lz4 leaves the last five bytes literal.
  EXPECT_EQ(CopiesOf("0123456789 0123456789 0123456789", 0), "...........cccccccccccccccc.....");
  EXPECT_EQ(CopiesOf("0123456789 0123456789 0123456789", 3), "..............ccccccccccccc.....");
  EXPECT_EQ(CopiesOf("no two alike", 0), "............");
  EXPECT_EQ(CopiesOf("", 0), "");
}

TEST(Lz4CopiesTest, CopiesOfAnyLengthEndWhereTheyEnd) {
  for (size_t length = 20; length < 1200; ++length) {
    const std::string copies = CopiesOf("#" + std::string(length, 'a') + "!", 0);
    ASSERT_EQ(copies, ".." + std::string(length - 5, 'c') + ".....") << length;
  }
}

TEST(Lz4CopiesTest, WhatIsMarkedHasStoodBefore) {
  test::EntryGenerator generate(4);
  for (int round = 0; round < 40; ++round) {
    std::string text;
    while (text.size() < generate.Below(6000)) text += generate.Line() + generate.Hex(20) + "\n";
    const std::string copies = CopiesOf(text, 3);
    for (size_t i = 0; i < text.size(); ++i) {
      if (copies[i] != 'c') continue;
      ASSERT_GT(i, 3u);
      ASSERT_NE(text.rfind(text.substr(i - 3, 4), i - 4), std::string::npos) << "byte " << i;
    }
  }
}

}  // namespace
}  // namespace skald::chunkstore

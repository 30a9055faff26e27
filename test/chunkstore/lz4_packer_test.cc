#include "chunkstore/format/lz4_packer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/test_entries.h"
#include "common/compress.h"

namespace skald::chunkstore {
namespace {

struct Packed {
  std::string bytes;
  std::string copies;  // A letter for each byte of the text: c for a copied one.
};

Packed Pack(std::string_view text, Lz4Packer& packer) {
  std::vector<uint64_t> bits;
  Packed packed{.bytes = std::string(packer.Pack(text, bits)), .copies = ""};
  for (size_t i = 0; i < bits.size() * 64; ++i) {
    packed.copies += (bits[i / 64] >> i % 64 & 1) != 0 ? 'c' : '.';
  }
  EXPECT_EQ(packed.copies.find('c', text.size()), std::string::npos);
  packed.copies.resize(text.size());
  return packed;
}

std::string CopiesOf(std::string_view text) {
  Lz4Packer packer;
  return Pack(text, packer).copies;
}

// What `copies` must be, by a reader of lz4 blocks that knows nothing of the packer.
std::string CopiesIn(std::string_view block) {
  std::string copies;
  size_t next = 0;
  const auto length = [&](size_t half) {
    if (half < 15) return half;
    for (uint8_t more = 255; more == 255; half += more) more = static_cast<uint8_t>(block[next++]);
    return half;
  };
  for (;;) {
    const auto token = static_cast<uint8_t>(block[next++]);
    const size_t literals = length(token >> 4);
    copies.append(literals, '.');
    next += literals;
    if (next == block.size()) return copies;
    next += 2;
    copies.append(Lz4Packer::kBefore, '.');
    copies.append(length(token & 15) + 4 - Lz4Packer::kBefore, 'c');
  }
}

void ExpectReadBack(std::string_view text, Lz4Packer& packer) {
  const Packed packed = Pack(text, packer);
  std::string read;
  const Status status = Decompress(Codec::kLz4, packed.bytes, text.size(), read, text.size());
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_EQ(read, text);
  ASSERT_EQ(packed.copies, CopiesIn(packed.bytes));
}

TEST(Lz4PackerTest, MarksWhatIsRepeated) {
  const std::string id = "0123456789abcdefghijklmnopqrstuvwxyz";
  // The first three bytes of a copy have others before them, and the last five stay literal.
  EXPECT_EQ(CopiesOf(id + " " + id + " " + id),
            std::string(40, '.') + std::string(65, 'c') + ".....");
  EXPECT_EQ(CopiesOf("no two of these bytes are alike: 0123456789"), std::string(43, '.'));
  EXPECT_EQ(CopiesOf(""), "");
}

TEST(Lz4PackerTest, TextsOfAnyLengthAreReadBack) {
  Lz4Packer packer;
  test::EntryGenerator generate(3);
  std::string noise;
  for (size_t i = 0; i < 1200; ++i) noise += static_cast<char>(generate.Below(256));
  for (size_t length = 0; length < 1200; ++length) {
    ExpectReadBack(std::string(length, 'a'), packer);
    ExpectReadBack(noise.substr(0, length), packer);
    ExpectReadBack(noise.substr(0, length) + noise.substr(0, length / 2) + noise, packer);
  }
}

TEST(Lz4PackerTest, WhatIsTooFarBackIsNotCopied) {
  Lz4Packer packer;
  test::EntryGenerator generate(5);
  std::string noise;
  for (size_t i = 0; i < 300; ++i) noise += static_cast<char>(generate.Below(256));
  for (size_t distance = 65'500; distance < 65'600; ++distance) {
    const std::string filler(distance - noise.size(), 'a');
    const std::string text = filler + noise + filler + noise + filler;
    ExpectReadBack(text, packer);
    const size_t literals = std::ranges::count(Pack(text, packer).copies, '.');
    EXPECT_EQ(literals < 2 * noise.size(), distance < 65'536) << distance;
  }
}

TEST(Lz4PackerTest, TextsOfAllKindsAreReadBack) {
  Lz4Packer packer;
  test::EntryGenerator generate(4);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    const size_t bytes = generate.Below(200'000);
    while (text.size() < bytes) {
      switch (generate.Below(8)) {
        case 0:
          text.append(generate.Below(900), static_cast<char>(generate.Below(256)));
          break;
        case 1:
          text += text.substr(generate.Below(text.size() + 1), generate.Below(2000));
          break;
        case 2:
          text += generate.Hex(generate.Below(600));
          break;
        default:
          text += generate.Line() + "\n";
      }
    }
    ExpectReadBack(text, packer);
  }
}

TEST(Lz4PackerTest, LogsComeOutNoLargerThanByTheLibrary) {
  Lz4Packer packer;
  test::EntryGenerator generate(6);
  std::string text;
  while (text.size() < 256 << 10) text += generate.Line() + generate.Hex(16) + "\n";
  std::string by_library;
  Compress(Codec::kLz4, text, by_library);
  EXPECT_LE(Pack(text, packer).bytes.size(), by_library.size());
}

}  // namespace
}  // namespace skald::chunkstore

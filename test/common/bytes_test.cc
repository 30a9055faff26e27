#include "common/bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;

TEST(BytesTest, ReadsBackWhatWasPut) {
  std::string bytes;
  PutFixed32(bytes, 0x01020304);
  PutFixed64(bytes, 0x0102030405060708);
  PutVarint(bytes, 300);
  PutLengthPrefixed(bytes, "abc");
  EXPECT_EQ(bytes.substr(0, 4), std::string("\x04\x03\x02\x01"));
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Fixed32(), 0x01020304u);
  EXPECT_EQ(reader.Fixed64(), 0x0102030405060708u);
  EXPECT_EQ(reader.Varint(), 300u);
  EXPECT_EQ(reader.LengthPrefixed(), "abc");
  EXPECT_THAT(reader.Finish("record"), IsOk());
}

TEST(BytesTest, VarintsOfEveryLengthComeBack) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const uint64_t value : {uint64_t{1} << bit, (uint64_t{1} << bit) - 1}) {
      std::string bytes;
      PutVarint(bytes, value);
      EXPECT_LE(bytes.size(), 10u);
      for (const std::string& behind :
           {std::string(), std::string(12, '\0'), std::string(12, '\xff')}) {
        const std::string both = bytes + behind;
        ByteReader reader(both);
        EXPECT_EQ(reader.Varint(), value);
        EXPECT_EQ(reader.rest(), behind);
      }
    }
  }
}

TEST(BytesTest, RefusesVarintsThatAreCutOrTooLarge) {
  const std::string nine(9, '\xff');
  for (const std::string& bytes : {std::string(), std::string("\x80"), nine, nine + '\x02',
                                   std::string(11, '\x80') + '\x01', nine + "\x02 and more"}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), 0u);
    EXPECT_TRUE(reader.failed()) << bytes.size();
  }
}

TEST(BytesTest, AFailedReaderStaysFailed) {
  ByteReader reader("ab");
  EXPECT_EQ(reader.Fixed32(), 0u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.Byte(), 0);
  EXPECT_EQ(reader.Bytes(0), "");
  EXPECT_THAT(reader.Finish("header"), HasCode(StatusCode::kDataLoss));
}

TEST(BytesTest, ALengthPastTheEndIsNoOverflow) {
  std::string bytes;
  PutVarint(bytes, std::numeric_limits<uint64_t>::max());
  bytes += "x";
  ByteReader reader(bytes);
  EXPECT_EQ(reader.LengthPrefixed(), "");
  EXPECT_TRUE(reader.failed());
}

TEST(BytesTest, FinishComplainsAboutWhatIsLeftOver) {
  ByteReader reader("abc");
  reader.Byte();
  EXPECT_THAT(reader.Finish("labels"), HasMessage("labels: 2 bytes left over"));
  EXPECT_THAT(reader.Finish("labels", false), IsOk());
}

TEST(BytesTest, ZigZagKeepsSmallMagnitudesSmall) {
  EXPECT_EQ(ZigZag(0), 0u);
  EXPECT_EQ(ZigZag(-1), 1u);
  EXPECT_EQ(ZigZag(1), 2u);
  for (const int64_t v : {std::numeric_limits<int64_t>::min(), int64_t{-7}, int64_t{0},
                          std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(UnZigZag(ZigZag(v)), v);
  }
}

}  // namespace
}  // namespace skald

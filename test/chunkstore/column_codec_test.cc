#include "chunkstore/format/column_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;

std::vector<int64_t> Deltas(int64_t first, const std::vector<int64_t>& deltas) {
  std::vector<int64_t> times = {first};
  for (const int64_t delta : deltas) times.push_back(times.back() + delta);
  return times;
}

TEST(ColumnCodecTest, TimesComeBackWhateverTheirUnit) {
  const std::vector<std::vector<int64_t>> columns = {
      {0},
      {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()},
      {-5, -5, 0, 7},
      Deltas(1'700'000'000'123'456'789, {0, 1'000'000, 5'000'000}),
      Deltas(1'700'000'000'000'000'000, {1'000'000'000, 0, 60'000'000'000}),
      Deltas(42, {1, 1000, 1'000'000}),
  };
  for (const std::vector<int64_t>& times : columns) {
    std::string bytes;
    EncodeTimes(times, bytes);
    std::vector<int64_t> decoded;
    ASSERT_THAT(DecodeTimes(bytes, times.size(), decoded), IsOk());
    EXPECT_EQ(decoded, times);
  }
}

TEST(ColumnCodecTest, TimesInWholeSecondsTakeAByteEach) {
  std::vector<int64_t> times;
  for (int i = 0; i < 100; ++i) times.push_back(test::kStartNs + i * test::kSecond);
  std::string bytes;
  EncodeTimes(times, bytes);
  EXPECT_EQ(bytes.size(), 9u + 99u);
}

TEST(ColumnCodecTest, ConsecutiveSeqsTakeNineBytesInAll) {
  std::vector<uint64_t> seqs(1000);
  for (size_t i = 0; i < seqs.size(); ++i) seqs[i] = 77 + i;
  std::string bytes;
  EncodeSeqs(seqs, bytes);
  EXPECT_EQ(bytes.size(), 9u);
  std::vector<uint64_t> decoded;
  ASSERT_THAT(DecodeSeqs(bytes, seqs.size(), decoded), IsOk());
  EXPECT_EQ(decoded, seqs);
}

TEST(ColumnCodecTest, SeqsComeBackInAnyOrder) {
  const std::vector<uint64_t> seqs = {9, 3, 4, std::numeric_limits<uint64_t>::max(), 0};
  std::string bytes;
  EncodeSeqs(seqs, bytes);
  std::vector<uint64_t> decoded;
  ASSERT_THAT(DecodeSeqs(bytes, seqs.size(), decoded), IsOk());
  EXPECT_EQ(decoded, seqs);
}

TEST(ColumnCodecTest, SeqsOfPushesComeBackWhateverTheirSizes) {
  const uint64_t seed = 11;
  std::mt19937_64 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (size_t count = 2; count < 300; ++count) {
    std::vector<uint64_t> seqs = {random()};
    size_t left = random() % 30;
    while (seqs.size() < count) {
      const bool next_push = left == 0;
      seqs.push_back(seqs.back() + (next_push ? random() % 1000 : 1));
      left = next_push ? random() % 30 : left - 1;
    }
    std::string bytes;
    EncodeSeqs(seqs, bytes);
    std::vector<uint64_t> decoded;
    ASSERT_THAT(DecodeSeqs(bytes, count, decoded), IsOk()) << count;
    ASSERT_EQ(decoded, seqs) << count;
    EXPECT_THAT(DecodeSeqs(bytes + '\0', count, decoded), HasCode(StatusCode::kDataLoss)) << count;
    bytes.pop_back();
    EXPECT_THAT(DecodeSeqs(bytes, count, decoded), HasCode(StatusCode::kDataLoss)) << count;
  }
}

TEST(ColumnCodecTest, LengthsGiveOffsetsFromZeroOfAnyPartOfAColumn) {
  model::TextColumn text;
  for (const char* line : {"first", "", "a longer one", "x"}) text.Append(line);
  const std::span part = std::span(text.offsets).subspan(1);
  const std::vector<uint32_t> expected = {0, 1, 14, 16};
  std::string bytes;
  std::vector<uint32_t> offsets;
  EncodeLengths(part, bytes);
  ASSERT_THAT(DecodeLengths(bytes, 3, offsets), IsOk());
  EXPECT_EQ(offsets, expected);
  bytes.clear();
  EncodeVarintLengths(part, bytes);
  ASSERT_THAT(DecodeVarintLengths(bytes, 3, offsets), IsOk());
  EXPECT_EQ(offsets, expected);
}

TEST(ColumnCodecTest, LengthsOfEachWidthComeBack) {
  for (const uint32_t spread : {0u, 1u, 255u, 256u, 65'535u, 65'536u, 1u << 24, 1u << 30}) {
    for (const uint32_t least : {0u, 1u, 127u, 128u, 70'000u}) {
      std::vector<uint32_t> offsets = {5};
      for (const uint32_t more : {spread, 0u, spread / 2, spread / 3, spread}) {
        offsets.push_back(offsets.back() + least + more + 1);
      }
      std::string bytes;
      EncodeLengths(offsets, bytes);
      std::vector<uint32_t> decoded;
      ASSERT_THAT(DecodeLengths(bytes, 5, decoded), IsOk()) << spread << " " << least;
      for (uint32_t& offset : offsets) offset -= 5;
      EXPECT_EQ(decoded, offsets) << spread << " " << least;
      EXPECT_THAT(DecodeLengths(bytes + "x", 5, decoded), HasCode(StatusCode::kDataLoss));
      bytes.pop_back();
      EXPECT_THAT(DecodeLengths(bytes, 5, decoded), HasCode(StatusCode::kDataLoss));
    }
  }
}

TEST(ColumnCodecTest, LengthsOfLikeLinesTakeAByteEach) {
  std::vector<uint32_t> offsets = {0};
  for (uint32_t row = 0; row < 1000; ++row) offsets.push_back(offsets.back() + 200 + row % 256);
  std::string bytes;
  EncodeLengths(offsets, bytes);
  EXPECT_LE(bytes.size(), 1000u + 3);
}

TEST(ColumnCodecTest, LengthsThatLeave32BitsAreDataLoss) {
  const std::string least_of_32_bits("\xff\xff\xff\xff\x0f", 5);
  std::vector<uint32_t> offsets;
  EXPECT_THAT(DecodeLengths(least_of_32_bits + std::string(1, 0), 2, offsets),
              HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(DecodeLengths("\xff\xff\xff\xff\x1f" + std::string(1, 0), 1, offsets),
              HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(DecodeLengths(std::string("\0\x05", 2) + std::string(5, 0), 1, offsets),
              HasCode(StatusCode::kDataLoss));  // Five planes.
  EXPECT_THAT(DecodeLengths("", 0, offsets), HasCode(StatusCode::kDataLoss));
  std::string bytes;
  for (int i = 0; i < 2; ++i) bytes += std::string("\xff\xff\xff\xff\x0e", 5);
  EXPECT_THAT(DecodeVarintLengths(bytes, 2, offsets), HasCode(StatusCode::kDataLoss));
}

// One code a row; 0 is none.
model::MetadataColumn Column(const std::vector<uint32_t>& codes, size_t value_count) {
  model::MetadataColumn column{.name = "n", .codes = codes, .values = {}};
  for (size_t i = 0; i < value_count; ++i) column.values.Append("value " + std::to_string(i));
  return column;
}

void ExpectMetadataComesBack(const model::MetadataColumn& column, size_t begin, size_t end) {
  std::string bytes;
  EncodeMetadata(column, begin, end, bytes);
  model::MetadataColumn decoded;
  ASSERT_THAT(DecodeMetadata(bytes, end - begin, decoded), IsOk());
  ASSERT_EQ(decoded.codes.size(), end - begin);
  for (size_t row = begin; row < end; ++row) {
    ASSERT_EQ(decoded.Has(row - begin), column.Has(row)) << "row " << row;
    if (!column.Has(row)) continue;
    ASSERT_EQ(decoded[row - begin], column[row]) << "row " << row;
  }
}

TEST(ColumnCodecTest, MetadataComesBackInEveryWayToStoreCodes) {
  const uint64_t seed = 7;
  std::mt19937_64 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (const size_t value_count : {1, 2, 3, 4, 15, 16, 255, 256, 5000}) {
    std::vector<uint32_t> codes(6000);
    for (uint32_t& code : codes) code = static_cast<uint32_t>(random() % (value_count + 1));
    const model::MetadataColumn column = Column(codes, value_count);
    ExpectMetadataComesBack(column, 0, codes.size());
    ExpectMetadataComesBack(column, 1234, 1300);
    ExpectMetadataComesBack(column, 17, 18);
  }
  ExpectMetadataComesBack(Column({1, 1, 1}, 1), 0, 3);
  ExpectMetadataComesBack(Column({0, 0, 0}, 1), 0, 3);
}

TEST(ColumnCodecTest, APartOfAColumnStoresOnlyItsOwnValues) {
  const model::MetadataColumn column = Column({1, 2, 3, 4, 3, 3}, 4);
  std::string bytes;
  EncodeMetadata(column, 4, 6, bytes);
  EXPECT_NE(bytes.find("value 2"), std::string::npos);
  EXPECT_EQ(bytes.find("value 1"), std::string::npos);
}

TEST(ColumnCodecTest, BytesCutAnywhereAreDataLossOrShorter) {
  std::string bytes;
  EncodeMetadata(Column({1, 0, 2, 3, 1}, 3), 0, 5, bytes);
  for (size_t length = 0; length < bytes.size(); ++length) {
    model::MetadataColumn decoded;
    EXPECT_THAT(DecodeMetadata(bytes.substr(0, length), 5, decoded), HasCode(StatusCode::kDataLoss))
        << "cut at " << length;
  }
}

}  // namespace
}  // namespace skald::chunkstore

#include "ingester/wal_frame.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/matchers.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

std::string Frame(std::string_view payload, uint64_t segment, Codec codec = Codec::kNone) {
  std::string frame(kWalFrameHeaderBytes, '\0');
  frame += payload;
  std::string scratch;
  SealWalFrame(frame, segment, codec, scratch);
  return frame;
}

std::vector<std::string> ReadFrames(std::string_view bytes, uint64_t segment) {
  WalFrameReader reader(bytes, segment);
  std::vector<std::string> out;
  while (auto payload = reader.Next()) out.emplace_back(*payload);
  return out;
}

TEST(WalSegmentNameTest, IsSpelledInOneWay) {
  for (const uint64_t segment : {uint64_t{1}, uint64_t{9999999999}, uint64_t{12345678901}}) {
    EXPECT_EQ(ParseWalSegmentName(WalSegmentName(segment)), segment);
  }
  for (const char* name : {"1.wal", "00000000001.wal", "0000000001.wal.unreadable", ".wal", "wal",
                           "-000000001.wal", "000000000a.wal"}) {
    EXPECT_EQ(ParseWalSegmentName(name), std::nullopt) << name;
  }
}

TEST(WalSegmentHeaderTest, NamesItsSegment) {
  const std::string header = EncodeWalSegmentHeader(12);
  EXPECT_EQ(header.size(), kWalSegmentHeaderBytes);
  EXPECT_THAT(CheckWalSegmentHeader(header, 12), IsOk());
  EXPECT_THAT(CheckWalSegmentHeader(header, 13), HasCode(StatusCode::kDataLoss));
  for (size_t i = 0; i < header.size(); ++i) {
    std::string damaged = header;
    damaged[i] ^= 0x40;
    EXPECT_THAT(CheckWalSegmentHeader(damaged, 12), HasCode(StatusCode::kDataLoss)) << i;
  }
}

TEST(WalFrameReaderTest, ReadsPackedAndPlainFrames) {
  const std::string compressible(10'000, 'a');
  const std::string bytes = Frame("one", 5) + Frame(compressible, 5, Codec::kLz4) + Frame("", 5);
  EXPECT_LT(bytes.size(), 1000u);
  EXPECT_EQ(ReadFrames(bytes, 5), (std::vector<std::string>{"one", compressible, ""}));
}

TEST(WalFrameReaderTest, LeavesWhatDoesNotShrinkPlain) {
  std::mt19937_64 random(1);
  std::string noise;
  for (int i = 0; i < 1000; ++i) noise.push_back(static_cast<char>(random()));
  const std::string frame = Frame(noise, 5, Codec::kLz4);
  EXPECT_EQ(frame.size(), noise.size() + kWalFrameHeaderBytes);
  EXPECT_EQ(ReadFrames(frame, 5), std::vector<std::string>{noise});
}

TEST(WalFrameReaderTest, IgnoresFramesOfAnotherSegment) {
  EXPECT_EQ(ReadFrames(Frame("old", 4) + Frame("new", 5), 5), std::vector<std::string>{"new"});
}

TEST(WalFrameReaderTest, StepsOverAFrameWithAnyByteFlipped) {
  const std::string first = Frame("first", 5);
  const std::string second = Frame("second", 5);
  const std::string third = Frame("third", 5);
  for (size_t i = 0; i < second.size(); ++i) {
    std::string damaged = second;
    damaged[i] ^= 0x01;
    const std::string bytes = first + damaged + third;
    WalFrameReader reader(bytes, 5);
    EXPECT_EQ(reader.Next(), "first");
    EXPECT_EQ(reader.Next(), "third") << "byte " << i;
    EXPECT_EQ(reader.Next(), std::nullopt);
    EXPECT_EQ(reader.damages(), 1u);
    EXPECT_EQ(reader.damaged_bytes(), second.size());
    EXPECT_FALSE(reader.torn_tail());
  }
}

TEST(WalFrameReaderTest, CutsATornTailAtAnyOffset) {
  const std::string first = Frame("first", 5);
  const std::string bytes = first + Frame("second", 5);
  for (size_t size = first.size() + 1; size < bytes.size(); ++size) {
    WalFrameReader reader(std::string_view(bytes).substr(0, size), 5);
    EXPECT_EQ(reader.Next(), "first");
    EXPECT_EQ(reader.Next(), std::nullopt) << "size " << size;
    EXPECT_TRUE(reader.torn_tail());
    EXPECT_EQ(reader.damaged_bytes(), size - first.size());
  }
}

}  // namespace
}  // namespace skald::ingester

#include "notify/sample_segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;

constexpr uint64_t kSegment = 7;

std::vector<Sample> Some(int first, int count) {
  std::vector<Sample> samples;
  for (int i = first; i < first + count; ++i) {
    samples.push_back({.labels = {{"__name__", "m"}, {"i", std::to_string(i)}},
                       .time_ms = 1000 + i,
                       .value = i / 2.0});
  }
  return samples;
}

// Three frames of two samples each.
std::string ThreeFrames() {
  std::string bytes;
  for (int i = 0; i < 3; ++i) AppendSampleFrame(bytes, kSegment, Some(2 * i, 2));
  return bytes;
}

std::vector<Sample> ReadAll(std::string_view bytes, uint64_t* damaged = nullptr) {
  SampleFrameReader reader(bytes, kSegment);
  std::vector<Sample> all;
  while (const auto samples = reader.Next()) {
    all.insert(all.end(), samples->begin(), samples->end());
  }
  EXPECT_EQ(reader.position(), bytes.size());
  if (damaged != nullptr) *damaged = reader.damaged_bytes();
  return all;
}

TEST(SampleSegmentTest, ReadsBackFrames) {
  uint64_t damaged = 1;
  EXPECT_EQ(ReadAll(ThreeFrames(), &damaged), Some(0, 6));
  EXPECT_EQ(damaged, 0u);
}

TEST(SampleSegmentTest, WritesTheExampleOfFormatMd) {
  EXPECT_EQ(EncodeSampleSegmentHeader(1),
            std::string("SKSAMPL1\1\0\0\0\0\0\0\0\xdc\x0b\x1a\x87", 20));
  std::string frame;
  AppendSampleFrame(frame, 1,
                    std::vector<Sample>{{.labels = {{"__name__", "a"}}, .time_ms = 2, .value = 1}});
  EXPECT_EQ(frame, std::string("\xf5SMP\x1d\0\0\0\x43\x09\xd9\x22"
                               "\1\2\0\0\0\0\0\0\0\0\0\0\0\0\0\xf0\x3f\x0b\x08__name__\1"
                               "a",
                               41));
}

TEST(SampleSegmentTest, LosesOneFrameForOneDamagedByte) {
  const std::string frames = ThreeFrames();
  const size_t frame = frames.size() / 3;
  for (size_t i = 0; i < frames.size(); ++i) {
    for (const int mask : {0x01, 0x10, 0x80, 0xff}) {
      std::string bytes = frames;
      bytes[i] = static_cast<char>(bytes[i] ^ mask);
      uint64_t damaged = 0;
      std::vector<Sample> expected = Some(0, 6);
      const auto lost = expected.begin() + static_cast<std::ptrdiff_t>(2 * (i / frame));
      expected.erase(lost, lost + 2);
      EXPECT_EQ(ReadAll(bytes, &damaged), expected) << "byte " << i;
      EXPECT_EQ(damaged, frame);
    }
  }
}

TEST(SampleSegmentTest, KeepsWholeFramesOfBytesThatAreCutAnywhere) {
  const std::string frames = ThreeFrames();
  const size_t frame = frames.size() / 3;
  for (size_t size = 0; size < frames.size(); ++size) {
    EXPECT_EQ(ReadAll(frames.substr(0, size)), Some(0, 2 * static_cast<int>(size / frame))) << size;
  }
}

TEST(SampleSegmentTest, TakesNoFrameOfAnotherSegment) {
  std::string bytes;
  AppendSampleFrame(bytes, kSegment + 1, Some(0, 1));
  EXPECT_TRUE(ReadAll(bytes).empty());
}

TEST(SampleSegmentTest, KnowsItsHeader) {
  const std::string header = EncodeSampleSegmentHeader(kSegment);
  EXPECT_EQ(header.size(), kSampleSegmentHeaderBytes);
  EXPECT_THAT(CheckSampleSegmentHeader(header + "more", kSegment), IsOk());
  EXPECT_THAT(CheckSampleSegmentHeader(header, kSegment + 1), HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(CheckSampleSegmentHeader(header.substr(1), kSegment), HasCode(StatusCode::kDataLoss));
}

}  // namespace
}  // namespace skald::notify

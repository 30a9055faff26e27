#include "common/frames.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald {
namespace {

constexpr std::string_view kMagic = "\xf5XYZ";

std::string FramesOf(const std::vector<std::string>& payloads, std::string_view context = "file") {
  std::string bytes;
  for (const std::string& payload : payloads) AppendFrame(bytes, kMagic, context, payload);
  return bytes;
}

// The payloads of whole frames, a blank behind each.
std::string Read(FrameReader& reader) {
  std::string payloads;
  while (const auto payload = reader.Next()) payloads.append(*payload).append(" ");
  return payloads;
}
std::string Read(std::string_view bytes) {
  FrameReader reader(bytes, kMagic, "file");
  return Read(reader);
}

TEST(FramesTest, ReadsBackWhatWasAppended) {
  const std::string bytes = FramesOf({"one", "", "three"});
  FrameReader reader(bytes, kMagic, "file");
  EXPECT_EQ(Read(reader), "one  three ");
  EXPECT_EQ(reader.position(), bytes.size());
  EXPECT_EQ(reader.damaged_bytes(), 0u);
}

TEST(FramesTest, OfBytesThatAreCutAnywhereTheWholeFramesAreRead) {
  const std::string bytes = FramesOf({"aaa", "bbb"});
  const size_t one = bytes.size() / 2;
  for (size_t length = 0; length < bytes.size(); ++length) {
    FrameReader reader(std::string_view(bytes).substr(0, length), kMagic, "file");
    EXPECT_EQ(Read(reader), length < one ? "" : "aaa ") << length;
    EXPECT_EQ(reader.damaged_bytes(), length % one) << length;
    EXPECT_EQ(reader.position(), length);
  }
}

TEST(FramesTest, OneDamagedByteCostsOneFrame) {
  const std::string bytes = FramesOf({"aaa", "bbb", "ccc"});
  const char* const left[] = {"bbb ccc ", "aaa ccc ", "aaa bbb "};
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    EXPECT_EQ(Read(damaged), left[i / (bytes.size() / 3)]) << "byte " << i;
  }
}

TEST(FramesTest, TakesNoFrameOfAnotherFile) {
  EXPECT_EQ(Read(FramesOf({"theirs"}, "other") + FramesOf({"ours"})), "ours ");
}

TEST(FramesTest, AFrameWithinAFrameIsNone) {
  EXPECT_EQ(Read(FramesOf({FramesOf({"inner"})})), FramesOf({"inner"}) + " ");
}

TEST(FramesTest, APayloadThatMakesNoSenseIsDamage) {
  const std::string bytes = FramesOf({"good", "bad"});
  FrameReader reader(bytes, kMagic, "file");
  while (const auto payload = reader.Next()) {
    if (*payload == "bad") reader.Reject();
  }
  EXPECT_EQ(reader.damaged_bytes(), kFrameHeaderBytes + 3);
}

}  // namespace
}  // namespace skald

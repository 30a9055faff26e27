#include "common/snappy_frames.h"

#include <gtest/gtest.h>

#include "common/bytes.h"
#include "common/compress.h"
#include "common/hash.h"
#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::IsOk;

std::string Chunk(uint8_t type, std::string_view data) {
  std::string out;
  PutFixed32(out, static_cast<uint32_t>(data.size() << 8) | type);
  out += data;
  return out;
}

std::string Checksum(std::string_view raw) {
  const uint32_t crc = Crc32c(raw);
  std::string out;
  PutFixed32(out, ((crc >> 15) | (crc << 17)) + 0xa282ead8u);
  return out;
}

std::string Packed(std::string_view raw) {
  std::string data = Checksum(raw);
  Compress(Codec::kSnappy, raw, data);
  return Chunk(0x00, data);
}

std::string AsItIs(std::string_view raw) { return Chunk(0x01, Checksum(raw) + std::string(raw)); }

std::string Framed(std::string_view chunks) {
  return std::string(kSnappyFramesMagic) + std::string(chunks);
}

// The CRC-32C of these digits is the e3069283 of RFC 3720's kind; masked as the format says.
TEST(SnappyFramesTest, ChecksumsAreThoseOfTheFormat) {
  std::string out;
  ASSERT_THAT(DecompressSnappyFrames(Framed(Chunk(0x01,
                                                  "\xe5\xb0\x8a\xc7"
                                                  "123456789")),
                                     100, out),
              IsOk());
  EXPECT_EQ(out, "123456789");
}

TEST(SnappyFramesTest, GivesWhatTheChunksHoldInTheirOrder) {
  const std::string large(65'536, 'x');
  std::string out = "left over from before";
  ASSERT_THAT(
      DecompressSnappyFrames(
          Framed(Packed(large) + AsItIs("as it is") + Packed("") + Packed("packed")), 1 << 20, out),
      IsOk());
  EXPECT_EQ(out, large + "as it ispacked");
  ASSERT_THAT(DecompressSnappyFrames(Framed(""), 0, out), IsOk());
  EXPECT_EQ(out, "");
}

TEST(SnappyFramesTest, SkipsPaddingAndAnotherIdentifier) {
  std::string out;
  ASSERT_THAT(DecompressSnappyFrames(Framed(Packed("a") + Chunk(0xfe, std::string(100, '\0')) +
                                            Chunk(0x80, "later") + Framed(Packed("b"))),
                                     100, out),
              IsOk());
  EXPECT_EQ(out, "ab");
}

TEST(SnappyFramesTest, StopsAtTheCap) {
  const std::string bytes = Framed(Packed(std::string(60'000, 'x')) + Packed("y"));
  std::string out;
  EXPECT_THAT(DecompressSnappyFrames(bytes, 60'001, out), IsOk());
  EXPECT_THAT(DecompressSnappyFrames(bytes, 60'000, out), HasCode(StatusCode::kResourceExhausted));
}

TEST(SnappyFramesTest, RefusesWhatIsNoFrame) {
  const std::string wrong_sum = std::string("\0\0\0\0", 4) + "x";
  for (const std::string& bytes :
       {std::string(), std::string("sNaPpY"), Packed("no identifier"), Framed(Chunk(0x02, "x")),
        Framed(Chunk(0x7f, "")), Framed(Chunk(0xff, "sNaPpX")), Framed(Chunk(0x01, "abc")),
        Framed(Chunk(0x01, wrong_sum)), Framed(Chunk(0x00, Checksum("x") + "\xff\xff")),
        Framed(AsItIs(std::string(65'537, 'x'))), Framed(Packed(std::string(65'537, 'x')))}) {
    std::string out;
    EXPECT_THAT(DecompressSnappyFrames(bytes, 1 << 20, out), HasCode(StatusCode::kInvalidArgument))
        << bytes.substr(0, 30);
  }
}

TEST(SnappyFramesTest, EachCutInAChunkIsSeen) {
  const std::string whole = Framed(Packed("some text, some text") + AsItIs("more"));
  const size_t first = Framed(Packed("some text, some text")).size();
  for (size_t length = 0; length < whole.size(); ++length) {
    if (length == kSnappyFramesMagic.size() || length == first) continue;  // Between chunks.
    std::string out;
    EXPECT_THAT(DecompressSnappyFrames(whole.substr(0, length), 1000, out),
                HasCode(StatusCode::kInvalidArgument))
        << length;
  }
}

}  // namespace
}  // namespace skald

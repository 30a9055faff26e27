#include "common/compress.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::IsOk;

const std::vector<Codec> kAll = {Codec::kNone, Codec::kGzip,    Codec::kSnappy,  Codec::kLz4,
                                 Codec::kZstd, Codec::kDeflate, Codec::kLz4Frame};

std::vector<std::string> Samples() {
  std::mt19937 random(7);
  std::string noise(70'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  std::string log;
  while (log.size() < 200'000) log += "level=info msg=\"request\" took=" + std::to_string(random());
  return {"", "x", std::string(1'000'000, 'a'), noise, log};
}

std::string Compressed(Codec codec, std::string_view raw) {
  std::string bytes;
  Compress(codec, raw, bytes);
  return bytes;
}

TEST(CompressTest, EveryCodecGivesBackWhatItTook) {
  for (const Codec codec : kAll) {
    for (const std::string& raw : Samples()) {
      std::string out = "left over from before";
      ASSERT_THAT(Decompress(codec, Compressed(codec, raw), raw.size(), out, raw.size()), IsOk())
          << CodecName(codec) << " " << raw.size();
      EXPECT_EQ(out, raw) << CodecName(codec);
    }
  }
}

TEST(CompressTest, AppendsToWhatIsThere) {
  for (const Codec codec : kAll) {
    std::string bytes = "header";
    Compress(codec, "some text", bytes);
    EXPECT_EQ(bytes, "header" + Compressed(codec, "some text")) << CodecName(codec);
  }
}

TEST(CompressTest, StopsAtTheCap) {
  const std::string raw(1'000'000, 'a');
  for (const Codec codec : kAll) {
    std::string out;
    EXPECT_THAT(Decompress(codec, Compressed(codec, raw), raw.size() - 1, out, raw.size()),
                HasCode(StatusCode::kResourceExhausted))
        << CodecName(codec);
    EXPECT_LT(out.capacity(), 2 * raw.size());
  }
}

TEST(CompressTest, ALieAboutTheSizeAllocatesNothing) {
  std::string huge = "\xff\xff\xff\xff\x0f";  // Snappy: 4 GiB, then nothing.
  std::string out;
  EXPECT_FALSE(Decompress(Codec::kSnappy, huge, size_t{1} << 40, out).ok());
  EXPECT_LT(out.capacity(), 1u << 20);
  EXPECT_FALSE(Decompress(Codec::kLz4, "abc", 100, out, size_t{1} << 40).ok());
}

TEST(CompressTest, CutBytesAreRefused) {
  const std::string raw = Samples().back().substr(0, 2000);
  for (const Codec codec : kAll) {
    if (codec == Codec::kNone) continue;
    const std::string bytes = Compressed(codec, raw);
    for (size_t length = 0; length < bytes.size(); length += 7) {
      std::string out;
      EXPECT_THAT(
          Decompress(codec, std::string_view(bytes).substr(0, length), 1 << 20, out, raw.size()),
          HasCode(StatusCode::kInvalidArgument))
          << CodecName(codec) << " cut at " << length;
    }
  }
}

TEST(CompressTest, SurvivesDamage) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string raw = Samples().back().substr(0, 5000);
  for (const Codec codec : kAll) {
    const std::string bytes = Compressed(codec, raw);
    for (int i = 0; i < 500; ++i) {
      std::string damaged = bytes;
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      std::string out;
      const Status status = Decompress(codec, damaged, 1 << 20, out, raw.size());
      EXPECT_LE(out.size(), size_t{1} << 20);
      (void)status;  // Not every codec has a checksum.
    }
  }
}

TEST(CompressTest, TakesGzipMembersAndZstdFramesInARow) {
  for (const Codec codec : {Codec::kGzip, Codec::kZstd, Codec::kLz4Frame}) {
    std::string out;
    const std::string bytes = Compressed(codec, "one ") + Compressed(codec, "two");
    ASSERT_THAT(Decompress(codec, bytes, 100, out), IsOk()) << CodecName(codec);
    EXPECT_EQ(out, "one two");
  }
}

TEST(CompressTest, DeflateTakesZlibsHeaderToo) {
  const std::string zlib("\x78\x9c\x4b\x04\x00\x00\x62\x00\x62", 9);  // "a"
  std::string out;
  ASSERT_THAT(Decompress(Codec::kDeflate, zlib, 100, out), IsOk());
  EXPECT_EQ(out, "a");
}

TEST(CompressTest, PassesOverWhatFollowsRawDeflate) {
  const std::string deflate = Compressed(Codec::kDeflate, "some text");
  std::string out;
  ASSERT_THAT(Decompress(Codec::kDeflate, deflate + "more", 100, out), IsOk());
  EXPECT_EQ(out, "some text");
  EXPECT_THAT(Decompress(Codec::kDeflate, deflate.substr(0, deflate.size() - 1), 100, out),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Decompress(Codec::kGzip, Compressed(Codec::kGzip, "some text") + "more", 100, out),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(CompressTest, NamesComeBack) {
  for (const Codec codec : kAll) {
    const auto parsed = ParseCodec(CodecName(codec));
    ASSERT_THAT(parsed, IsOk());
    EXPECT_EQ(*parsed, codec);
  }
  EXPECT_EQ(*ParseCodec("lz4-256k"), Codec::kLz4);
  EXPECT_THAT(ParseCodec("brotli"), HasCode(StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace skald

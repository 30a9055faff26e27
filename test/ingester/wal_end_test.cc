#include "ingester/wal_end.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "common/hash.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

const WalEnd kEnd = {.segments = {{3, 4096}, {5, 24}, {uint64_t{1} << 40, 0}}};

TEST(WalEndTest, ReadsBackWhatWasWritten) {
  for (const WalEnd& end : {kEnd, WalEnd()}) {
    const auto read = DecodeWalEnd(EncodeWalEnd(end));
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->segments, end.segments);
  }
}

TEST(WalEndTest, RefusesEveryFlippedByteAndEveryCut) {
  const std::string bytes = EncodeWalEnd(kEnd);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x40);
    EXPECT_THAT(DecodeWalEnd(flipped), HasCode(StatusCode::kDataLoss)) << "byte " << i;
    EXPECT_THAT(DecodeWalEnd(bytes.substr(0, i)), HasCode(StatusCode::kDataLoss)) << "cut at " << i;
  }
}

TEST(WalEndTest, RefusesACountThatTheBytesDoNotHold) {
  std::string bytes = EncodeWalEnd(kEnd);
  bytes[15] = '\x7f';
  const uint32_t crc = Crc32c(std::string_view(bytes).substr(0, bytes.size() - 4));
  std::memcpy(bytes.data() + bytes.size() - 4, &crc, sizeof crc);
  EXPECT_THAT(DecodeWalEnd(bytes), HasCode(StatusCode::kDataLoss));
}

TEST(WalEndTest, TellsNoFileFromOneThatIsDamaged) {
  test::FaultyFileSystem files;
  ASSERT_THAT(files.MakeDirs("wal"), IsOk());
  const auto none = ReadWalEnd(files, "wal");
  ASSERT_THAT(none, IsOk());
  EXPECT_FALSE(none->has_value());
  files.Put("wal/log.end", "");
  EXPECT_THAT(ReadWalEnd(files, "wal"), HasCode(StatusCode::kDataLoss));
  files.Put("wal/log.end", EncodeWalEnd(kEnd));
  const auto end = ReadWalEnd(files, "wal");
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ((*end)->segments, kEnd.segments);
}

}  // namespace
}  // namespace skald::ingester

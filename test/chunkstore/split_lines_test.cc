#include "chunkstore/format/split/split_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "chunkstore/split_fixture.h"
#include "chunkstore/test_entries.h"
#include "common/compress.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;
using test::kSecond;
using test::kStartNs;

Status Decode(std::string_view encoded, std::span<const int64_t> times, uint64_t text_bytes,
              model::TextColumn& lines) {
  return DecodeSplitLines({encoded, times, text_bytes}, Buffers(), lines).status();
}

void ExpectReadsBack(const Lines& lines, const std::string& encoded) {
  model::TextColumn decoded;
  ASSERT_THAT(Decode(encoded, lines.times, lines.TextBytes(), decoded), IsOk());
  ASSERT_EQ(decoded.size(), lines.lines.size());
  for (size_t row = 0; row < decoded.size(); ++row) {
    ASSERT_EQ(decoded[row], lines.lines[row]) << "row " << row;
  }
  EXPECT_EQ(decoded.text, lines.Text());
}

void ExpectReadsBack(const Lines& lines) { ExpectReadsBack(lines, Encode(lines)); }

size_t ZstdBytes(const Lines& lines) {
  std::string packed;
  Compress(Codec::kZstd, lines.Text(), packed, 1);
  return packed.size();
}

TEST(SplitLinesTest, ReadsBackLinesOfEveryForm) {
  const std::vector<std::string> rows = {
      "",
      "\n",
      "   ",
      "one",
      "a=1 b=2",
      "a=01 b=-2",
      "a=1.50 b=0.5",
      "\"\"",
      "\"unclosed",
      "\"with \\\" in it\" and more",
      "\"ends in backslash\\",
      std::string("nul\0in the middle", 17),
      std::string("\0", 1),
      "\xff\xfe broken",
      "line\nwith\n\tnewlines 1",
      "2023-11-14T22:13:20.000Z 20:59:60 24:00:00 2023-02-30T00:00:00Z",
      std::string(5000, 'x'),
      std::string(300, ' ') + std::string(300, '='),
  };
  for (const std::string& row : rows) {
    // Alone, in company of its like, and changed a little from line to line.
    for (const size_t count : {1, 11, 20, 500}) {
      Lines same;
      Lines varied;
      for (size_t i = 0; i < count; ++i) {
        same.Add(row);
        varied.Add(i % 3 == 0 ? row : row + " k=" + Number(i * i));
      }
      ExpectReadsBack(same);
      ExpectReadsBack(varied);
    }
  }
}

TEST(SplitLinesTest, ReadsBackTokensOfEveryEncoding) {
  test::EntryGenerator random(2);
  const std::vector<TokenMaker> makers = TokenMakers(random);
  for (size_t maker = 0; maker < makers.size(); ++maker) {
    Lines lines;
    for (size_t i = 0; i < 600; ++i) lines.Add("key=" + makers[maker](i) + " end");
    SCOPED_TRACE("maker " + Number(maker));
    ExpectReadsBack(lines);
  }
}

// Each length has numbers of its own beside the least and the greatest, with the point in each
// place.
TEST(SplitLinesTest, ReadsBackDecimalsOfEveryLength) {
  test::EntryGenerator random(5);
  for (size_t fraction = 0; fraction <= 10; ++fraction) {
    Lines lines;
    const auto add = [&](std::string digits) {
      if (digits.size() < fraction + 1) digits.insert(0, fraction + 1 - digits.size(), '0');
      if (fraction > 0) digits.insert(digits.size() - fraction, 1, '.');
      lines.Add("took=" + digits + "ms");
    };
    uint64_t least = 1;
    for (size_t length = 1; length <= 17; ++length, least *= 10) {
      for (const uint64_t number : {least - 1, least, least + 1, 10 * least - 1})
        add(Number(number));
      for (size_t i = 0; i < 20; ++i) add(Number(least + random.Below(9 * least)));
    }
    SCOPED_TRACE("digits behind the point: " + Number(fraction));
    ExpectReadsBack(lines);
  }
}

TEST(SplitLinesTest, JsonLinesTakeMuchLessThanCompressed) {
  const Lines lines = JsonLines(3000);
  const std::string encoded = Encode(lines);
  ExpectReadsBack(lines, encoded);
  EXPECT_LT(encoded.size(), ZstdBytes(lines) * 4 / 5);
  // 16 bytes of an id, two numbers of two bytes, and little else.
  EXPECT_LT(encoded.size(), 3000u * 24);
}

TEST(SplitLinesTest, TimesOfTheEntriesTakeNothing) {
  Lines with;
  Lines without;
  for (size_t i = 0; i < 1000; ++i) {
    const int64_t ms = static_cast<int64_t>(i) * 1000 / 7 % 1000;
    const size_t s = 20 + i / 7;
    char time[40];
    std::snprintf(time, sizeof time, "2023-11-14T22:%02zu:%02zu.%03d", 13 + s / 60, s % 60,
                  static_cast<int>(ms));
    with.Add("ts=" + std::string(time) + "Z n=" + Number(i * 7919 % 1000));
    without.Add("n=" + Number(i * 7919 % 1000));
  }
  const std::string encoded = Encode(with);
  ExpectReadsBack(with, encoded);
  EXPECT_LT(encoded.size(), Encode(without).size() + 60);
}

TEST(SplitLinesTest, TimesJustBeforeTheNextUnitTakeNothing) {
  Lines with;
  Lines without;
  std::mt19937 random(1);
  for (size_t i = 1; i <= 2000; ++i) {
    const int64_t ns = static_cast<int64_t>(i) * kSecond / 2 - random() % 2;
    const size_t s = 20 + static_cast<size_t>(ns / kSecond);
    char time[40];
    std::snprintf(time, sizeof time, "2023-11-14T22:%02zu:%02zu.%03d", 13 + s / 60, s % 60,
                  static_cast<int>(ns / 1'000'000 % 1000));
    with.Add("ts=" + std::string(time) + "Z n=" + Number(i * 7919 % 1000));
    without.Add("n=" + Number(i * 7919 % 1000));
    with.times.back() = without.times.back() = kStartNs + ns;
  }
  const std::string encoded = Encode(with);
  ExpectReadsBack(with, encoded);
  EXPECT_LT(encoded.size(), Encode(without).size() + 60);
}

// Not those of the entries; the second form goes over the end of a leap year's February, and the
// last over that of a century.
TEST(SplitLinesTest, ReadsBackTimesOfEverySecondOfADay) {
  const auto expect = [](const char* form, time_t first, int step) {
    Lines lines;
    for (int i = 0; i < 86'400; ++i) {
      const time_t second = first + i * step;
      char time[40];
      const size_t size = std::strftime(time, sizeof time, form, std::gmtime(&second));
      lines.Add("at=" + std::string(time, size) + " end");
    }
    SCOPED_TRACE(form);
    const std::string encoded = Encode(lines);
    ExpectReadsBack(lines, encoded);
    EXPECT_LT(encoded.size(), 86'400u);  // As texts they take several bytes each.
  };
  expect("%H:%M:%S", 0, 1);
  expect("%d/%b/%Y:%H:%M:%S", 1'709'290'000, -1);
  expect("%Y-%m-%dT%H:%M:%S.461Z", 4'102'440'000, 1);
}

TEST(SplitLinesTest, ReadsBackTimesOfEntriesOfAnyTime) {
  // Nanoseconds of entries from the earliest to the last, two of each second, and of one again.
  std::vector<int64_t> times = {std::numeric_limits<int64_t>::min(),
                                std::numeric_limits<int64_t>::min() + 145'224'193,
                                -kSecond - 1,
                                -1,
                                0,
                                999'999'999,
                                kSecond,
                                kStartNs + 1'000,
                                std::numeric_limits<int64_t>::max() - kSecond,
                                std::numeric_limits<int64_t>::max()};
  for (size_t i = 0; i < 40; ++i) times.push_back(times[i % 10]);
  const char* const forms[] = {"20:01:%02zu", "28/Nov/2026:20:01:%02zu", "2026-11-28T20:01:%02zuZ",
                               "2026-11-28T20:01:%02zu.461", "2026-11-28T20:01:%02zu.461987123Z"};
  for (const char* const form : forms) {
    Lines lines;
    for (size_t i = 0; i < times.size(); ++i) {
      char time[40];
      std::snprintf(time, sizeof time, form, i % 60);
      lines.Add("at " + std::string(time) + " n=" + Number(i * 7919 % 1000));
    }
    lines.times = times;
    ExpectReadsBack(lines);
  }
}

// Whatever lines are made of, they are read back as they were.
TEST(SplitLinesTest, ReadsBackRandomLines) {
  std::mt19937_64 random(20'231'114);
  for (int round = 0; round < 300; ++round) {
    const Lines lines = RandomLines(random);
    SCOPED_TRACE("round " + Number(static_cast<uint64_t>(round)));
    ExpectReadsBack(lines);
    if (HasFatalFailure()) return;
  }
}

TEST(SplitLinesTest, TheExampleInTheFormatsPageIsAsItIsWritten) {
  Lines lines;
  for (size_t i = 0; i < 12; ++i) lines.Add("took " + Number(7 + i) + "ms");
  lines.Add("bye");
  std::string hex;
  for (const char c : Encode(lines)) {
    char text[4];
    std::snprintf(text, sizeof text, "%02x ", static_cast<uint8_t>(c));
    hex += text;
  }
  EXPECT_EQ(hex,
            "3b 3b 01 00 00 00 00 00 00 00 00 01 0d 0d "
            "04 00 20 00 00 01 04 74 6f 6f 6b 03 00 02 6d 73 00 "
            "01 07 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 "
            "06 03 00 00 00 00 00 00 00 00 03 03 "
            "01 01 01 01 01 01 01 01 01 01 01 01 00 62 79 65 ");
}

TEST(SplitLinesTest, DamageIsFoundOrHarmless) {
  const Lines lines = JsonLines(300);
  const std::string encoded = Encode(lines);
  model::TextColumn decoded;
  for (size_t i = 0; i < encoded.size(); ++i) {
    std::string damaged = encoded;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    const Status status = Decode(damaged, lines.times, lines.TextBytes(), decoded);
    // A checksum guards the bytes; here only the memory is at stake.
    if (!status.ok()) {
      EXPECT_THAT(status, HasCode(StatusCode::kDataLoss));
    }
    EXPECT_THAT(
        Decode(std::string_view(encoded).substr(0, i), lines.times, lines.TextBytes(), decoded),
        HasCode(StatusCode::kDataLoss));
  }
}

TEST(SplitLinesTest, AWrongNumberOfEntriesOrBytesIsDataLoss) {
  const Lines lines = JsonLines(300);
  const std::string encoded = Encode(lines);
  model::TextColumn decoded;
  const std::span<const int64_t> times = lines.times;
  EXPECT_THAT(Decode(encoded, times.first(299), lines.TextBytes(), decoded),
              HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(Decode(encoded, times, lines.TextBytes() - 1, decoded),
              HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(Decode(encoded, times, lines.TextBytes() + 1, decoded),
              HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(Decode(encoded, times, kMaxSplitBytes + 1, decoded), HasCode(StatusCode::kDataLoss));
}

}  // namespace
}  // namespace skald::chunkstore

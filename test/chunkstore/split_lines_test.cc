#include "chunkstore/format/split/split_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "chunkstore/test_entries.h"
#include "common/compress.h"
#include "common/substring_search.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;
using test::kSecondNs;
using test::kStartNs;

struct Lines {
  std::vector<std::string> lines;
  std::vector<int64_t> times;

  void Add(std::string line) {
    times.push_back(kStartNs + static_cast<int64_t>(lines.size()) * kSecondNs / 7);
    lines.push_back(std::move(line));
  }
  uint64_t TextBytes() const {
    uint64_t bytes = 0;
    for (const std::string& line : lines) bytes += line.size() + 1;
    return bytes;
  }
  std::string Text() const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }
};

std::string Encode(const Lines& lines) {
  const std::vector<std::string_view> views(lines.lines.begin(), lines.lines.end());
  std::string out;
  EncodeSplitLines(views, lines.times, 1, out);
  return out;
}

// In the memory of whatever was decoded before, as readers do it.
SplitBuffers& Buffers() {
  static SplitBuffers buffers;
  return buffers;
}

Status Decode(std::string_view encoded, std::span<const int64_t> times, uint64_t text_bytes,
              model::TextColumn& lines) {
  return DecodeSplitLines({encoded, times, text_bytes}, Buffers(), lines);
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

// Rows that may hold a literal: all that do, and the lines of those are whole.
void ExpectFinds(const Lines& lines, const std::string& encoded,
                 const std::vector<model::RequiredLiteral>& literals, size_t* found = nullptr) {
  const RowFilter filter(literals);
  if (!filter.selective()) return;
  RowSearch search{.filter = filter, .rows = {}};
  const std::vector<uint32_t>& rows = search.rows;
  model::TextColumn decoded;
  ASSERT_THAT(
      DecodeSplitLines({encoded, lines.times, lines.TextBytes()}, search, Buffers(), decoded),
      IsOk());
  ASSERT_EQ(decoded.size(), lines.lines.size());
  ASSERT_TRUE(std::ranges::is_sorted(rows));
  for (uint32_t row = 0; row < lines.lines.size(); ++row) {
    const bool told = std::ranges::binary_search(rows, row);
    ASSERT_EQ(decoded[row], told ? lines.lines[row] : "") << "row " << row;
    const bool holds_all = std::ranges::all_of(literals, [&](const auto& literal) {
      return std::ranges::any_of(literal.any_of, [&](const std::string& text) {
        return SubstringSearch(text, literal.fold_case).Contains(lines.lines[row]);
      });
    });
    ASSERT_TRUE(told || !holds_all) << "row " << row << ": " << lines.lines[row];
  }
  if (found != nullptr) *found = rows.size();
}

size_t ZstdBytes(const Lines& lines) {
  std::string packed;
  Compress(Codec::kZstd, lines.Text(), packed, 1);
  return packed.size();
}

std::string Number(uint64_t number) { return std::to_string(number); }

Lines JsonLines(size_t count) {
  test::EntryGenerator random(1);
  Lines lines;
  for (size_t i = 0; i < count; ++i) {
    lines.Add(R"({"level":")" + std::string(random.Below(9) == 0 ? "error" : "info") +
              R"(","msg":"user )" + Number(random.Below(5000)) + R"( logged in","status":)" +
              Number(200 + random.Below(4)) + R"(,"ms":)" + Number(random.Below(900)) + "." +
              Number(100 + random.Below(900)) + R"(,"trace":")" + random.Hex(32) + R"("})");
  }
  return lines;
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
  const std::vector<std::function<std::string(size_t)>> makers = {
      [](size_t i) { return Number(i); },
      [](size_t i) { return Number(1'000'000'007 * i); },
      [](size_t i) { return Number(i) + "." + Number(10 + i % 90) + "ms"; },
      [](size_t i) { return "0." + Number(100 + i); },
      [](size_t i) { return i % 50 == 49 ? "007" : Number(i); },
      [](size_t i) { return i % 50 == 49 ? "x" : Number(i); },
      [](size_t i) { return std::string(i == 77 ? "-" : "") + Number(i); },
      [](size_t) { return std::string("18446744073709551615"); },
      [](size_t i) { return i % 2 ? "18446744073709551615" : "9223372036854775808"; },
      [](size_t i) { return std::to_string(9'300'000'000'000'000'000u + 7919 * i); },
      [](size_t i) { return std::to_string(999'999'999'999'999'000 + 7 * i); },
      [](size_t i) { return "9" + Number(100'000'000 + i) + "." + Number(123'456'789 + i); },
      [&](size_t) { return random.Hex(32); },
      [&](size_t) { return random.Hex(8) + "-" + random.Hex(4) + "-" + random.Hex(12); },
      [&](size_t) { return random.Hex(7); },
      [&](size_t i) { return i == 300 ? "g" + random.Hex(31) : random.Hex(32); },
      [&](size_t) {
        std::string upper = random.Hex(16);
        for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 32) : c;
        return upper;
      },
      [](size_t i) { return "2023-11-14T22:13:" + Number(10 + i % 50) + "Z"; },
      [](size_t i) { return "2023-11-14T22:13:20." + Number(100 + i % 900) + "Z"; },
      [](size_t i) { return "2023-11-14T22:13:20." + Number(100'000'000 + i); },
      [](size_t i) { return "14/Nov/2023:22:" + Number(10 + i % 50) + ":20"; },
      [](size_t i) { return "2" + Number(i % 4) + ":13:" + Number(10 + i % 50); },
      [](size_t i) { return i == 99 ? "25:13:20" : "22:13:" + Number(10 + i % 50); },
      [](size_t i) { return "9999-12-31T23:59:59." + Number(100'000'000 + i) + "Z"; },
      [](size_t i) { return "0000-01-01T00:00:" + Number(10 + i % 50) + "Z"; },
      [&](size_t) { return "10." + Number(random.Below(256)) + "." + Number(random.Below(256)); },
      [&](size_t) { return "/a/" + random.Hex(random.Below(9) + 1) + "/b?q=" + random.Hex(3); },
      [](size_t i) { return std::string(i % 40, 'y'); },
  };
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
    const int64_t ns = static_cast<int64_t>(i) * kSecondNs / 2 - random() % 2;
    const size_t s = 20 + static_cast<size_t>(ns / kSecondNs);
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

TEST(SplitLinesTest, ReadsBackTimesOfEntriesOfAnyTime) {
  // Nanoseconds of entries from the earliest to the last, two of each second, and of one again.
  std::vector<int64_t> times = {std::numeric_limits<int64_t>::min(),
                                std::numeric_limits<int64_t>::min() + 145'224'193,
                                -kSecondNs - 1,
                                -1,
                                0,
                                999'999'999,
                                kSecondNs,
                                kStartNs + 1'000,
                                std::numeric_limits<int64_t>::max() - kSecondNs,
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
  const auto below = [&](uint64_t limit) { return random() % limit; };
  static constexpr std::string_view kParts[] = {" ",
                                                "=",
                                                "\"",
                                                "\\",
                                                "\n",
                                                ",",
                                                "{",
                                                "}",
                                                ":",
                                                "0",
                                                "1",
                                                "12",
                                                "9999999999999999999",
                                                ".",
                                                "a",
                                                "ff",
                                                "GET",
                                                "-",
                                                "/",
                                                "T",
                                                "Z",
                                                "é",
                                                "2023-11-14T22:13:20",
                                                "22:13:20",
                                                "\xff",
                                                ""};
  for (int round = 0; round < 300; ++round) {
    // A few templates, in which some parts are drawn anew for each line.
    std::vector<std::vector<int>> templates(1 + below(4));
    for (std::vector<int>& parts : templates) {
      for (size_t i = below(30); i > 0; --i) {
        parts.push_back(below(3) == 0 ? -1 : static_cast<int>(below(std::size(kParts))));
      }
    }
    Lines lines;
    for (size_t i = 1 + below(200); i > 0; --i) {
      std::string line;
      for (const int part : templates[below(templates.size())]) {
        line += kParts[part >= 0 ? static_cast<size_t>(part) : below(std::size(kParts))];
      }
      lines.Add(line);
    }
    SCOPED_TRACE("round " + Number(static_cast<uint64_t>(round)));
    const std::string encoded = Encode(lines);
    ExpectReadsBack(lines, encoded);
    for (int search = 0; search < 8; ++search) {
      // A part of some line, or of two parts that may stand in none.
      const std::string& line = lines.lines[below(lines.lines.size())];
      std::string text = line.substr(below(line.size() + 1), 1 + below(9));
      if (below(4) == 0) text = std::string(kParts[below(std::size(kParts))]) + text;
      const bool fold = below(2) == 0;
      if (fold)
        std::ranges::transform(text, text.begin(), [](char c) {
          return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        });
      ExpectFinds(lines, encoded, {{.any_of = {text}, .fold_case = fold}});
    }
    if (HasFatalFailure()) return;
  }
}

TEST(SplitLinesTest, TellsWhichRowsMayHoldALiteral) {
  Lines lines = JsonLines(1000);
  lines.lines[17] = "a line of its own with an error";
  lines.lines[500] = R"({"level":"info","msg":"an error like no other","status":200})";
  const std::string encoded = Encode(lines);
  const auto count = [&](const std::string& text) {
    return static_cast<size_t>(std::ranges::count_if(
        lines.lines, [&](const std::string& line) { return line.find(text) != line.npos; }));
  };
  for (const std::string text : {"error", "info", "level", "absent", "user", "203", "1234", "0a1",
                                 "like no other", ":200"}) {
    size_t found = 0;
    SCOPED_TRACE(text);
    ExpectFinds(lines, encoded, {{.any_of = {text}}}, &found);
    if (text.find(' ') == text.npos) {
      EXPECT_EQ(found, count(text));
    }
  }
  size_t found = 0;
  ExpectFinds(lines, encoded, {{.any_of = {"error"}}, {.any_of = {"absent", "own"}}}, &found);
  EXPECT_EQ(found, 1u);
  ExpectFinds(lines, encoded, {{.any_of = {"abcdef"}, .fold_case = true}});
  EXPECT_FALSE(RowFilter({{.any_of = {"\" = "}}}).selective());
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

// What tells rows apart passes over columns and comes back to them: ways of its own to go wrong.
TEST(SplitLinesTest, DamageIsFoundOrHarmlessInASearch) {
  const Lines lines = JsonLines(300);
  const std::string encoded = Encode(lines);
  for (const char* text : {"error", "absent", "4999"}) {
    const RowFilter filter({{.any_of = {text}}});
    for (size_t i = 0; i < encoded.size(); ++i) {
      RowSearch search{.filter = filter, .rows = {}};
      model::TextColumn decoded;
      std::string damaged = encoded;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
      const Status status =
          DecodeSplitLines({damaged, lines.times, lines.TextBytes()}, search, Buffers(), decoded);
      if (status.ok()) {
        EXPECT_EQ(decoded.size(), lines.lines.size());
        EXPECT_LE(decoded.text.size(), lines.TextBytes() + lines.lines.size());
      } else {
        EXPECT_THAT(status, HasCode(StatusCode::kDataLoss));
      }
      EXPECT_THAT(
          DecodeSplitLines({std::string_view(encoded).substr(0, i), lines.times, lines.TextBytes()},
                           search, Buffers(), decoded),
          HasCode(StatusCode::kDataLoss));
    }
  }
  ExpectReadsBack(lines, encoded);
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

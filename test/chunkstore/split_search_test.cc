#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "chunkstore/format/split/split_lines.h"
#include "chunkstore/split_fixture.h"
#include "chunkstore/test_entries.h"
#include "common/ascii.h"
#include "common/bytes.h"
#include "common/substring_search.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;

Status Search(std::string_view encoded, const Lines& lines, const RowFilter& filter,
              std::vector<uint32_t>& rows, model::TextColumn& decoded) {
  SKALD_ASSIGN_OR_RETURN(SplitLinesSearch search,
                         SplitLinesSearch::Begin(encoded, lines.TextBytes(), filter, Buffers()));
  return search.Read(lines.times, rows, decoded).status();
}

// Rows that may hold a literal: all that do, and the lines of those are whole.
void ExpectFinds(const Lines& lines, const std::string& encoded,
                 const std::vector<model::RequiredLiteral>& literals, size_t* found = nullptr) {
  const RowFilter filter(literals);
  if (!filter.selective()) return;
  std::vector<uint32_t> rows;
  model::TextColumn decoded;
  ASSERT_THAT(Search(encoded, lines, filter, rows, decoded), IsOk());
  if (rows.empty()) decoded = {};  // It is left as it was.
  ASSERT_EQ(decoded.size(), rows.empty() ? 0 : lines.lines.size());
  ASSERT_TRUE(std::ranges::is_sorted(rows));
  for (uint32_t row = 0; row < lines.lines.size(); ++row) {
    const bool told = std::ranges::binary_search(rows, row);
    if (!rows.empty()) {
      ASSERT_EQ(decoded[row], told ? lines.lines[row] : "") << "row " << row;
    }
    const bool holds_all = std::ranges::all_of(literals, [&](const auto& literal) {
      return std::ranges::any_of(literal.any_of, [&](const std::string& text) {
        return SubstringSearch(text, literal.fold_case).Contains(lines.lines[row]);
      });
    });
    ASSERT_TRUE(told || !holds_all) << "row " << row << ": " << lines.lines[row];
  }
  if (found != nullptr) *found = rows.size();
}

// Whether there may be such lines, as far as it is told without rows.
bool MayHold(const Lines& lines, const std::string& encoded, const std::string& text,
             bool fold_case = false) {
  const RowFilter filter({{.any_of = {text}, .fold_case = fold_case}});
  EXPECT_TRUE(filter.selective()) << text;
  const auto search = SplitLinesSearch::Begin(encoded, lines.TextBytes(), filter, Buffers());
  EXPECT_THAT(search, IsOk());
  return search.ok() && search->may_hold();
}

// Columns of every encoding, and some lines that have no company.
Lines MixedLines() {
  test::EntryGenerator random(8);
  Lines lines = JsonLines(80);
  for (size_t i = 0; i < 80; ++i) {
    lines.Add("addr=10." + Number(random.Below(256)) + "." + Number(random.Below(256)) +
              " at 2023-11-14T22:13:" + Number(10 + i % 50) + "Z took " + Number(i * 7919 % 1000));
  }
  for (size_t i = 0; i < 9; ++i)
    lines.Add(std::string(i + 1, '.') + "a line of its own " + Number(i));
  return lines;
}

Lines LinesOf(const TokenMaker& maker) {
  Lines lines;
  for (size_t i = 0; i < 600; ++i) lines.Add("key=" + maker(i) + " end");
  return lines;
}

// A row's time is told by its entry's alone, whichever rows before it were passed over: here all
// between the first second of all and the last.
TEST(SplitSearchTest, RowsPassedOverDoNotMoveTimes) {
  Lines lines;
  const auto add = [&](int64_t time, const std::string& word) {
    const size_t i = lines.lines.size();
    const std::string at = "20:" + Number(10 + i / 50) + ":" + Number(10 + i % 50);
    lines.Add("at 28/Nov/2026:" + at + " " + word + " n=" + Number(i * 7919 % 1000));
    lines.times.back() = time;
  };
  for (int i = 0; i < 40; ++i) add(std::numeric_limits<int64_t>::min() + i, "wanted");
  for (int i = 0; i < 40; ++i) add(i, "other");
  for (int i = 40; i > 0; --i) add(std::numeric_limits<int64_t>::max() - i, "wanted");
  size_t found = 0;
  ExpectFinds(lines, Encode(lines), {{.any_of = {"wanted"}}}, &found);
  EXPECT_EQ(found, 80u);
}

TEST(SplitSearchTest, TellsWhichRowsMayHoldALiteral) {
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

// Of whatever encoding a token is, each part of it is found, and of what stands around it.
TEST(SplitSearchTest, FindsPartsOfTokensOfEveryEncoding) {
  test::EntryGenerator random(3);
  const std::vector<TokenMaker> makers = TokenMakers(random);
  for (size_t maker = 0; maker < makers.size(); ++maker) {
    SCOPED_TRACE("maker " + Number(maker));
    const Lines lines = LinesOf(makers[maker]);
    const std::string encoded = Encode(lines);
    for (int search = 0; search < 60; ++search) {
      const bool fold = search % 2 == 0;
      const auto part = [&] {
        const std::string& line = lines.lines[random.Below(lines.lines.size())];
        const size_t at = random.Below(line.size());
        const std::string text = line.substr(at, 1 + random.Below(line.size() - at));
        return fold ? LowerCase(text) : text;
      };
      const model::RequiredLiteral one{.any_of = {part()}, .fold_case = fold};
      ExpectFinds(lines, encoded, {one});
      ExpectFinds(lines, encoded, {{.any_of = {part(), part()}, .fold_case = fold}, one});
    }
    if (HasFatalFailure()) return;
  }
}

TEST(SplitSearchTest, FindsPartsOfRandomLines) {
  std::mt19937_64 random(20'231'115);
  const auto below = [&](uint64_t limit) { return random() % limit; };
  for (int round = 0; round < 300; ++round) {
    const Lines lines = RandomLines(random);
    SCOPED_TRACE("round " + Number(static_cast<uint64_t>(round)));
    const std::string encoded = Encode(lines);
    for (int search = 0; search < 8; ++search) {
      // A part of some line, or of two parts that may stand in none.
      const std::string& line = lines.lines[below(lines.lines.size())];
      std::string text = line.substr(below(line.size() + 1), 1 + below(9));
      if (below(4) == 0) text = std::string(kParts[below(std::size(kParts))]) + text;
      const bool fold = below(2) == 0;
      if (fold) text = LowerCase(text);
      ExpectFinds(lines, encoded, {{.any_of = {text}, .fold_case = fold}});
    }
    if (HasFatalFailure()) return;
  }
}

// What tokens cannot hold, by what all of a column have in common, costs no row.
TEST(SplitSearchTest, TellsWithoutRowsWhatTokensCannotHold) {
  test::EntryGenerator random(4);
  const std::string absent_id = "0123456789abcdef";
  struct Case {
    TokenMaker maker;
    std::vector<std::string> absent;
  };
  const Case cases[] = {
      // Too many digits, or a point where there is none or not so many digits behind it.
      {[&](size_t) { return Number(random.Below(1000)); }, {"123456", "1.5", "7a"}},
      {[&](size_t i) { return Number(random.Below(1000)) + "." + Number(10 + i % 90) + "ms"; },
       {"999999999", "1.234", "12s", ".5ms"}},
      {[&](size_t) { return random.Hex(32); },
       {absent_id, "0123456789ABCDEF", "012345678g", random.Hex(31)}},
      {[&](size_t) { return random.Hex(15); }, {absent_id.substr(0, 9), absent_id}},
      {[&](size_t) { return "id-" + random.Hex(9) + "-" + random.Hex(12); },
       {absent_id, absent_id.substr(0, 8), "d-" + absent_id, absent_id.substr(0, 9) + "-00000000"}},
      {[](size_t i) { return "2023-11-14T22:13:20." + Number(100 + i % 900) + "Z"; },
       {"12345", "2.1.3", "T1:", "0Z1"}},
      {[](size_t i) { return "14/Nov/2023:22:" + Number(10 + i % 50) + ":20"; },
       {"99999", "/2023/"}},
      {[](size_t i) { return std::string(i % 2 == 0 ? "one" : "other"); }, {"onet", "neo2"}},
      {[&](size_t) { return "/a/" + random.Hex(random.Below(9) + 1) + "/b.q@" + random.Hex(3); },
       {absent_id, "absent.word", "/zz/"}},
      {[](size_t i) { return std::string(i % 40, 'y'); }, {"yyx"}},
  };
  for (const Case& c : cases) {
    const Lines lines = LinesOf(c.maker);
    const std::string encoded = Encode(lines);
    SCOPED_TRACE(lines.lines[1]);
    for (const std::string& text : c.absent) EXPECT_FALSE(MayHold(lines, encoded, text)) << text;
    for (size_t i = 0; i < lines.lines.size(); i += 50) {
      const std::string token = lines.lines[i].substr(4, lines.lines[i].size() - 8);
      if (token.empty()) continue;
      EXPECT_TRUE(MayHold(lines, encoded, token)) << token;
    }
  }
}

TEST(SplitSearchTest, TakesDigitsInTheCaseThatIsAskedFor) {
  test::EntryGenerator random(6);
  const Lines lines = LinesOf([&](size_t) { return random.Hex(24); });
  const std::string encoded = Encode(lines);
  std::string digits;
  for (size_t i = 0; digits.find_first_of("abcdef") == digits.npos; ++i) {
    digits = lines.lines[i].substr(9, 11);
  }
  EXPECT_TRUE(MayHold(lines, encoded, digits));
  EXPECT_TRUE(MayHold(lines, encoded, digits, true));
  std::ranges::transform(digits, digits.begin(), [](char c) { return UpperCase(c); });
  EXPECT_FALSE(MayHold(lines, encoded, digits));
}

// What tells rows apart passes over columns and comes back to them: ways of its own to go wrong.
TEST(SplitSearchTest, DamageIsFoundOrHarmlessInASearch) {
  const Lines lines = MixedLines();
  const std::string encoded = Encode(lines);
  for (const char* text : {"error", "absent", "4999", "addr=10.2", "own 7"}) {
    const RowFilter filter({{.any_of = {text}}});
    for (size_t i = 0; i < encoded.size(); ++i) {
      std::vector<uint32_t> rows;
      model::TextColumn decoded;
      std::string damaged = encoded;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
      const Status status = Search(damaged, lines, filter, rows, decoded);
      if (status.ok() && !rows.empty()) {
        EXPECT_EQ(decoded.size(), lines.lines.size());
        EXPECT_LE(decoded.text.size(), lines.TextBytes() + lines.lines.size());
      } else if (!status.ok()) {
        EXPECT_THAT(status, HasCode(StatusCode::kDataLoss));
      }
      EXPECT_THAT(Search(std::string_view(encoded).substr(0, i), lines, filter, rows, decoded),
                  HasCode(StatusCode::kDataLoss));
    }
    ExpectFinds(lines, encoded, {{.any_of = {text}}});  // The memory is as good as new.
  }
}

TEST(SplitSearchTest, MoreShapesThanBytesAreDataLoss) {
  std::string meta;
  PutVarint(meta, std::numeric_limits<uint64_t>::max());
  PutFixed64(meta, 0);  // The least code: there are texts of no shape, too.
  meta.push_back(0);
  std::string encoded;
  PutVarint(encoded, meta.size());
  PutVarint(encoded, meta.size());
  encoded += meta;
  const RowFilter filter({{.any_of = {"absent"}}});
  EXPECT_THAT(SplitLinesSearch::Begin(encoded, 1000, filter, Buffers()),
              HasCode(StatusCode::kDataLoss));
}

}  // namespace
}  // namespace skald::chunkstore

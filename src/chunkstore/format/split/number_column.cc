#include "chunkstore/format/split/number_column.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <string>

#include "chunkstore/format/split/token_form.h"
#include "common/bytes.h"
#include "common/substring_search.h"

namespace skald::chunkstore {
namespace {

constexpr size_t kMaxDigits = 18;  // So that numbers fit an int64_t.
constexpr int64_t kPowersOfTen[] = {1,       10,        100,        1000,        10'000,
                                    100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
constexpr size_t kMaxFraction = std::size(kPowersOfTen) - 1;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What all tokens begin and end with, digits apart.
struct Affixes {
  std::string_view prefix;
  std::string_view suffix;

  std::string_view Strip(std::string_view token) const {
    return token.substr(prefix.size(), token.size() - prefix.size() - suffix.size());
  }
  bool Fit(std::string_view token) const {
    return token.size() > prefix.size() + suffix.size() && token.starts_with(prefix) &&
           token.ends_with(suffix);
  }
};

// From one token: what stands before its first digit, and behind its last.
Affixes AffixesOf(std::string_view token) {
  const auto first = std::ranges::find_if(token, IsDigit);
  if (first == token.end()) return {};
  size_t end = token.size();
  while (!IsDigit(token[end - 1])) --end;
  return {.prefix = token.substr(0, static_cast<size_t>(first - token.begin())),
          .suffix = token.substr(end)};
}

// Digits behind the point of "12.345".
size_t FractionOf(std::string_view text) {
  const size_t point = text.find('.');
  return point == std::string_view::npos ? 0 : text.size() - point - 1;
}

// "12.345" with three digits behind the point is 12345. False unless a printer would write the
// number just so.
bool ReadDecimal(std::string_view text, size_t fraction, int64_t& number) {
  size_t whole = text.size();
  if (fraction > 0) {
    if (text.size() < fraction + 2) return false;
    whole = text.size() - fraction - 1;
    if (text[whole] != '.') return false;
  }
  const size_t digits = text.size() - (fraction > 0 ? 1 : 0);
  if (digits > kMaxDigits || whole == 0 || (text[0] == '0' && whole > 1)) return false;
  number = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == whole) continue;
    if (!IsDigit(text[i])) return false;
    number = number * 10 + (text[i] - '0');
  }
  return true;
}

// The digits of a number below 10^8, a byte each, the highest in the lowest byte. All are made at
// once, by multiplying in lanes: how many there are is as random as the numbers, and would be
// guessed wrongly.
uint64_t EightDigits(uint64_t number) {
  const uint64_t fours = number / 10'000 | (number % 10'000) << 32;
  const uint64_t hundreds = (fours * 5243 >> 19) & 0x0000'007f'0000'007f;
  const uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
  const uint64_t tens = (twos * 103 >> 10) & 0x000f'000f'000f'000f;
  return tens | (twos - tens * 10) << 8;
}

constexpr uint64_t kFewDigits = 100'000'000;
constexpr size_t kMaxFewFraction = 7;

// PrintDecimal of a number below kFewDigits with kMaxFewFraction digits behind the point at most.
// Requires: room for 17 bytes at `p`.
char* PrintFewDigits(uint64_t number, size_t fraction, char* p) {
  const uint64_t digits = EightDigits(number);
  const auto leading = std::min(static_cast<size_t>(std::countr_zero(digits)) / 8, 7 - fraction);
  uint64_t text = (digits + 0x3030'3030'3030'3030) >> 8 * leading;
  std::memcpy(p, &text, sizeof text);
  const size_t whole = 8 - leading - fraction;
  if (fraction == 0) return p + whole;
  text >>= 8 * whole;
  p[whole] = '.';
  std::memcpy(p + whole + 1, &text, sizeof text);
  return p + whole + 1 + fraction;
}

// ReadDecimal backwards. Requires: room for 24 bytes at `p`. Negative numbers are no writer's.
char* PrintDecimal(int64_t number, size_t fraction, char* p) {
  if (static_cast<uint64_t>(number) < kFewDigits && fraction <= kMaxFewFraction) {
    return PrintFewDigits(static_cast<uint64_t>(number), fraction, p);
  }
  if (fraction == 0) return std::to_chars(p, p + 20, number).ptr;
  const int64_t scale = kPowersOfTen[fraction];
  p = std::to_chars(p, p + 20, number / scale).ptr;
  *p = '.';
  int64_t rest = number % scale;
  for (size_t i = fraction; i > 0; --i) {
    p[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  return p + fraction + 1;
}

uint64_t SpanOf(std::span<const int64_t> numbers) {
  const auto [min, max] = std::ranges::minmax(numbers);
  return static_cast<uint64_t>(max) - static_cast<uint64_t>(min);
}

}  // namespace

void PutSeries(std::span<int64_t> numbers, SplitWriter& out) {
  const uint64_t plain = numbers.empty() ? 0 : SpanOf(numbers);
  std::vector<int64_t> deltas(numbers.size());
  uint64_t before = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    deltas[i] = static_cast<int64_t>(static_cast<uint64_t>(numbers[i]) - before);
    before = static_cast<uint64_t>(numbers[i]);
  }
  // The first delta is a number, whatever the others are.
  const bool as_deltas =
      numbers.size() > 1 &&
      std::bit_width(SpanOf(std::span(deltas).subspan(1))) + 4 <= std::bit_width(plain);
  out.meta().push_back(as_deltas ? 1 : 0);
  if (!as_deltas) return out.PutNumbers(numbers);
  PutFixed64(out.meta(), static_cast<uint64_t>(deltas[0]));
  out.PutNumbers(std::span(deltas).subspan(1));
}

Status GetSeries(SplitReader& in, std::span<int64_t> numbers) {
  const uint8_t as_deltas = in.meta().Byte();
  if (as_deltas == 0) return in.Numbers(numbers);
  if (as_deltas != 1 || numbers.empty()) return DataLoss("split column: malformed numbers");
  uint64_t sum = in.meta().Fixed64();
  numbers[0] = static_cast<int64_t>(sum);
  SKALD_RETURN_IF_ERROR(in.Numbers(numbers.subspan(1)));
  for (int64_t& number : numbers.subspan(1)) {
    sum += static_cast<uint64_t>(number);
    number = static_cast<int64_t>(sum);
  }
  return {};
}

Result<uint64_t> SkipSeries(SplitReader& in) {
  const uint8_t as_deltas = in.meta().Byte();
  if (as_deltas > 1) return DataLoss("split column: malformed numbers");
  if (as_deltas == 1) in.meta().Fixed64();
  SKALD_ASSIGN_OR_RETURN(const SplitReader::Bounds bounds, in.SkipNumbers());
  return as_deltas == 1 ? std::numeric_limits<uint64_t>::max() : bounds.most;
}

bool PutDecimalTokens(std::span<const std::string_view> tokens, std::vector<int64_t>& numbers,
                      SplitWriter& out) {
  const Affixes affixes = AffixesOf(tokens[0]);
  if (!affixes.Fit(tokens[0])) return false;
  const size_t fraction = FractionOf(affixes.Strip(tokens[0]));
  if (fraction > kMaxFraction) return false;
  numbers.resize(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!affixes.Fit(tokens[i])) return false;
    if (!ReadDecimal(affixes.Strip(tokens[i]), fraction, numbers[i])) return false;
  }
  PutLengthPrefixed(out.meta(), affixes.prefix);
  PutLengthPrefixed(out.meta(), affixes.suffix);
  out.meta().push_back(static_cast<char>(fraction));
  PutSeries(numbers, out);
  return true;
}

namespace {

// What all decimals of a column share.
struct DecimalHead {
  std::string_view prefix;
  std::string_view suffix;
  size_t fraction = 0;
};

Result<DecimalHead> GetDecimalHead(SplitReader& in, size_t rows) {
  DecimalHead head;
  head.prefix = in.meta().LengthPrefixed();
  head.suffix = in.meta().LengthPrefixed();
  head.fraction = in.meta().Byte();
  if (in.meta().failed() || head.fraction > kMaxFraction ||
      !in.MayHold(rows, head.prefix.size() + head.suffix.size() + 1)) {
    return DataLoss("split column: malformed decimals");
  }
  return head;
}

}  // namespace

Status GetDecimalTokens(SplitReader& in, size_t rows, std::span<const uint8_t> wanted,
                        std::vector<int64_t>& numbers, std::string& scratch, TextPieces& out) {
  SKALD_ASSIGN_OR_RETURN(const DecimalHead head, GetDecimalHead(in, rows));
  // With room to copy them as pieces.
  scratch.assign(head.prefix).append(TextPieces::kSlack, '\0');
  scratch.append(head.suffix).append(TextPieces::kSlack, '\0');
  const char* const prefix = scratch.data();
  const char* const suffix = prefix + head.prefix.size() + TextPieces::kSlack;
  numbers.resize(rows);
  SKALD_RETURN_IF_ERROR(GetSeries(in, numbers));
  constexpr size_t kRoom = 24;  // Of a number.
  char* const buffer = out.MakeBuffer(rows * (head.prefix.size() + kRoom + head.suffix.size()));
  out.pieces.resize(rows);
  char* p = buffer;
  for (size_t row = 0; row < rows; ++row) {
    char* const begin = p;
    if (wanted.empty() || wanted[row] != 0) {
      if (numbers[row] < 0) return DataLoss("split column: malformed decimals");
      if (!head.prefix.empty()) p = CopyPiece(p, prefix, head.prefix.size());
      p = PrintDecimal(numbers[row], head.fraction, p);
      if (!head.suffix.empty()) p = CopyPiece(p, suffix, head.suffix.size());
    }
    out.pieces[row] = {static_cast<uint32_t>(begin - buffer), static_cast<uint32_t>(p - begin)};
  }
  out.total_bytes = static_cast<uint64_t>(p - buffer);
  return {};
}

Status SkipDecimalTokens(SplitReader& in, std::string_view& prefix, std::string_view& suffix) {
  SKALD_ASSIGN_OR_RETURN(const DecimalHead head, GetDecimalHead(in, 0));
  prefix = head.prefix;
  suffix = head.suffix;
  return SkipSeries(in).status();
}

Result<RowFilter::Met> ProbeDecimalTokens(SplitReader& in, const RowFilter& filter) {
  SKALD_ASSIGN_OR_RETURN(const DecimalHead head, GetDecimalHead(in, 0));
  SKALD_ASSIGN_OR_RETURN(const uint64_t most, SkipSeries(in));
  const size_t digits = std::min(std::to_string(most).size(), kMaxDigits);
  const std::string fraction = head.fraction > 0 ? "." + std::string(head.fraction, '0') : "";
  const TokenForm::Bytes set = TokenForm::SetOf("0123456789");
  RowFilter::Met may_meet = 0;
  size_t whole = 1;
  do {
    std::string text(head.prefix);
    text.append(whole, '0').append(fraction).append(head.suffix);
    std::string varies(text.size(), '\0');
    for (size_t i = 0; i < whole + fraction.size(); ++i)
      varies[head.prefix.size() + i] = i != whole;
    const TokenForm form{.text = text, .varies = varies, .set = set};
    may_meet |= filter.SearchIf([&](const SubstringSearch& n) { return form.MayHold(n); });
  } while (++whole + head.fraction <= digits);
  return may_meet;
}

}  // namespace skald::chunkstore

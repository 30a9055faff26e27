#include "chunkstore/format/split/hex_column.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

#include "chunkstore/format/split/token_form.h"
#include "common/ascii.h"
#include "common/bytes.h"
#include "common/substring_search.h"

namespace skald::chunkstore {
namespace {

// Longer ones are no ids.
constexpr size_t kMaxLength = 256;
constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";
constexpr uint8_t kNoDigit = 16;

constexpr std::array<uint8_t, 256> MakeValues(std::string_view digits) {
  std::array<uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<uint8_t>(digits[i])] = static_cast<uint8_t>(i);
  }
  return values;
}
constexpr std::array<uint8_t, 256> kLowerValues = MakeValues(kLower);
constexpr std::array<uint8_t, 256> kUpperValues = MakeValues(kUpper);

// Where tokens of the first's length differ from it.
bool FindDifferences(std::span<const std::string_view> tokens, std::string& differs) {
  const std::string_view first = tokens[0];
  if (first.size() > kMaxLength) return false;
  differs.assign(first.size(), '\0');
  for (const std::string_view token : tokens) {
    if (token.size() != first.size()) return false;
    for (size_t i = 0; i < first.size(); ++i) {
      differs[i] = static_cast<char>(differs[i] | (token[i] ^ first[i]));
    }
  }
  for (char& d : differs) d = d == 0 ? 0 : 1;
  return true;
}

// The digits of all tokens in the places that differ; false if one is no digit.
bool PackDigits(std::span<const std::string_view> tokens, const std::vector<size_t>& places,
                const std::array<uint8_t, 256>& values, std::string& packed) {
  packed.assign((tokens.size() * places.size() + 1) / 2, '\0');
  size_t at = 0;
  for (const std::string_view token : tokens) {
    for (const size_t place : places) {
      const uint8_t value = values[static_cast<uint8_t>(token[place])];
      if (value == kNoDigit) return false;
      packed[at / 2] = static_cast<char>(packed[at / 2] | (value << (at % 2 * 4)));
      ++at;
    }
  }
  return true;
}

std::vector<size_t> PlacesOf(std::string_view differs) {
  std::vector<size_t> places;
  for (size_t i = 0; i < differs.size(); ++i) {
    if (differs[i] != 0) places.push_back(i);
  }
  return places;
}

// Two digits of each byte.
constexpr std::array<std::array<char, 2>, 256> MakePairs(std::string_view digits) {
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t byte = 0; byte < 256; ++byte) pairs[byte] = {digits[byte % 16], digits[byte / 16]};
  return pairs;
}
constexpr auto kLowerPairs = MakePairs(kLower);
constexpr auto kUpperPairs = MakePairs(kUpper);

// Characters of a token that follow each other and are all digits of its own, or all the pattern's.
struct Run {
  bool digits = false;
  size_t size = 0;
};

std::vector<Run> RunsOf(std::string_view differs) {
  std::vector<Run> runs;
  for (const char d : differs) {
    const bool digits = d != 0;
    if (runs.empty() || runs.back().digits != digits) runs.push_back({digits, 0});
    ++runs.back().size;
  }
  return runs;
}

// Digits are made of so many bytes at a time, at most so many more than are asked for.
constexpr size_t kStep = 8;

// Two digits for each byte from packed[begin] to packed[end]. Requires: room for
// 2 * (end - begin + kStep) characters at `to`.
void UnpackDigits(std::string_view packed, size_t begin, size_t end, bool upper, char* to) {
#if defined(__SSSE3__)
  const __m128i digits =
      _mm_loadu_si128(reinterpret_cast<const __m128i*>((upper ? kUpper : kLower).data()));
  const __m128i low = _mm_set1_epi8(0x0f);
  for (; begin < end && begin + kStep <= packed.size(); begin += kStep, to += 2 * kStep) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(packed.data() + begin));
    const __m128i values =
        _mm_unpacklo_epi8(_mm_and_si128(bytes, low), _mm_and_si128(_mm_srli_epi16(bytes, 4), low));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(digits, values));
  }
#endif
  const auto& pairs = upper ? kUpperPairs : kLowerPairs;
  for (; begin < end; ++begin, to += 2) {
    std::memcpy(to, pairs[static_cast<uint8_t>(packed[begin])].data(), 2);
  }
}

}  // namespace

bool PutHexTokens(std::span<const std::string_view> tokens, SplitWriter& out) {
  std::string differs;
  if (!FindDifferences(tokens, differs)) return false;
  const std::vector<size_t> places = PlacesOf(differs);
  std::string packed;
  bool upper = false;
  if (!PackDigits(tokens, places, kLowerValues, packed)) {
    upper = true;
    if (!PackDigits(tokens, places, kUpperValues, packed)) return false;
  }
  out.meta().push_back(upper ? 1 : 0);
  PutLengthPrefixed(out.meta(), tokens[0]);
  PutLengthPrefixed(out.meta(), differs);
  out.PutStream(packed);
  return true;
}

namespace {

struct HexHead {
  bool upper = false;
  std::string_view pattern;
  std::string_view differs;
};

Result<HexHead> GetHexHead(SplitReader& in, size_t rows) {
  HexHead head;
  const uint8_t upper = in.meta().Byte();
  head.upper = upper == 1;
  head.pattern = in.meta().LengthPrefixed();
  head.differs = in.meta().LengthPrefixed();
  if (in.meta().failed() || upper > 1 || head.pattern.size() > kMaxLength ||
      head.differs.size() != head.pattern.size() || !in.MayHold(rows, head.pattern.size())) {
    return DataLoss("split column: malformed ids");
  }
  return head;
}

}  // namespace

Status GetHexTokens(SplitReader& in, size_t rows, std::span<const uint8_t> wanted,
                    std::string& scratch, TextPieces& out) {
  SKALD_ASSIGN_OR_RETURN(const HexHead head, GetHexHead(in, rows));
  const std::vector<size_t> places = PlacesOf(head.differs);
  const uint64_t bytes = (rows * places.size() + 1) / 2;
  SKALD_ASSIGN_OR_RETURN(const std::string_view packed, in.Stream(bytes, scratch));
  if (packed.size() != bytes) return DataLoss("split column: malformed ids");

  // The digits of a row, then they and the pattern run by run. A row of an odd number of digits may
  // begin in the middle of a byte.
  const std::vector<Run> runs = RunsOf(head.differs);
  std::array<char, kMaxLength + 2 * (kStep + 1) + TextPieces::kSlack> digits;
  std::array<char, kMaxLength + TextPieces::kSlack> pattern;
  const size_t size = head.pattern.size();
  std::ranges::copy(head.pattern, pattern.data());
  char* const buffer = out.MakeBuffer(rows * size);
  out.pieces.resize(rows);
  char* p = buffer;
  for (size_t row = 0; row < rows; ++row) {
    const bool skip = !wanted.empty() && wanted[row] == 0;
    out.pieces[row] = {static_cast<uint32_t>(p - buffer), skip ? 0 : static_cast<uint32_t>(size)};
    if (skip) continue;
    const size_t first = row * places.size();
    const size_t end_byte = (first + places.size() + 1) / 2;
    UnpackDigits(packed, first / 2, end_byte, head.upper, digits.data());
    const char* digit = digits.data() + first % 2;
    const char* same = pattern.data();
    for (const Run& run : runs) {
      p = CopyPiece(p, run.digits ? digit : same, run.size);
      digit += run.digits ? run.size : 0;
      same += run.size;
    }
  }
  out.total_bytes = static_cast<uint64_t>(p - buffer);
  return {};
}

Result<std::string_view> SkipHexTokens(SplitReader& in) {
  SKALD_ASSIGN_OR_RETURN(const HexHead head, GetHexHead(in, 0));
  SKALD_RETURN_IF_ERROR(in.SkipStream());
  return head.pattern;
}

namespace {

// Fewer digits are found in bytes of chance.
constexpr size_t kMinDigits = 7;

// Whether digits, each a byte of its value, follow each other in packed ones.
bool HoldsDigits(std::string_view packed, std::string_view digits) {
  for (const size_t first : {size_t{0}, size_t{1}}) {  // That begins a byte.
    std::string bytes;
    for (size_t i = first; i + 1 < digits.size(); i += 2) {
      bytes.push_back(static_cast<char>(digits[i] | digits[i + 1] << 4));
    }
    if (SubstringSearch(std::move(bytes)).Contains(packed)) return true;
  }
  return false;
}

bool MayHold(const TokenForm& form, std::string_view packed, const SubstringSearch& needle) {
  std::string digits;
  std::string tried;
  for (auto place = form.FindPlace(needle, 0); place; place = form.FindPlace(needle, *place + 1)) {
    digits.clear();
    for (size_t i = 0; i < needle.needle().size(); ++i) {
      if (form.varies[*place + i] == 0) continue;
      digits.push_back(
          static_cast<char>(kLowerValues[static_cast<uint8_t>(LowerCase(needle.needle()[i]))]));
    }
    if (digits.size() < kMinDigits || (digits != tried && HoldsDigits(packed, digits))) return true;
    tried.swap(digits);
  }
  return false;
}

}  // namespace

Result<RowFilter::Met> ProbeHexTokens(SplitReader& in, const RowFilter& filter,
                                      std::string& scratch) {
  SKALD_ASSIGN_OR_RETURN(const HexHead head, GetHexHead(in, 0));
  const TokenForm form{.text = head.pattern,
                       .varies = head.differs,
                       .set = TokenForm::SetOf(head.upper ? kUpper : kLower)};
  const auto fits = [&](const SubstringSearch& needle) { return form.MayHold(needle); };
  if (filter.SearchIf(fits) == 0) {
    SKALD_RETURN_IF_ERROR(in.SkipStream());
    return RowFilter::Met{0};
  }
  SKALD_ASSIGN_OR_RETURN(const std::string_view packed, in.Stream(in.text_bytes(), scratch));
  return filter.SearchIf(
      [&](const SubstringSearch& needle) { return MayHold(form, packed, needle); });
}

}  // namespace skald::chunkstore

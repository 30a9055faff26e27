#include "chunkstore/format/split/hex_column.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "common/bytes.h"

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

// Places that follow each other, of which a row may be copied at once.
struct Run {
  size_t place = 0;
  size_t count = 0;
};

std::vector<Run> RunsOf(const std::vector<size_t>& places) {
  std::vector<Run> runs;
  for (const size_t place : places) {
    if (!runs.empty() && runs.back().place + runs.back().count == place) {
      ++runs.back().count;
    } else {
      runs.push_back({place, 1});
    }
  }
  return runs;
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

  // The digits of a row, then their runs over a copy of the pattern. A row of an odd number of
  // digits may begin in the middle of a byte.
  const auto& pairs = head.upper ? kUpperPairs : kLowerPairs;
  const std::vector<Run> runs = RunsOf(places);
  std::array<char, 2 * kMaxLength> digits;
  const size_t size = head.pattern.size();
  char* const buffer = out.MakeBuffer(rows * size);
  out.pieces.resize(rows);
  char* p = buffer;
  for (size_t row = 0; row < rows; ++row) {
    const bool skip = !wanted.empty() && wanted[row] == 0;
    out.pieces[row] = {static_cast<uint32_t>(p - buffer), skip ? 0 : static_cast<uint32_t>(size)};
    if (skip) continue;
    const size_t first = row * places.size();
    const size_t end_byte = (first + places.size() + 1) / 2;
    char* d = digits.data();
    for (size_t i = first / 2; i < end_byte; ++i, d += 2) {
      std::memcpy(d, pairs[static_cast<uint8_t>(packed[i])].data(), 2);
    }
    const char* digit = digits.data() + first % 2;
    std::memcpy(p, head.pattern.data(), size);
    for (const Run& run : runs) {
      std::memcpy(p + run.place, digit, run.count);
      digit += run.count;
    }
    p += size;
  }
  out.total_bytes = static_cast<uint64_t>(p - buffer);
  return {};
}

Status SkipHexTokens(SplitReader& in, size_t rows, RowFilter::Bytes& bytes) {
  SKALD_ASSIGN_OR_RETURN(const HexHead head, GetHexHead(in, rows));
  for (const std::string_view part : {head.pattern, head.upper ? kUpper : kLower}) {
    for (const char c : part) bytes.set(static_cast<uint8_t>(c));
  }
  return in.SkipStream();
}

}  // namespace skald::chunkstore

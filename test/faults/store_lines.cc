#include "faults/store_lines.h"

#include <charconv>

#include "common/hash.h"

namespace skald::test {
namespace {

// Of a hash, one for each line and place in it.
uint64_t HashOf(StoreLine line, uint64_t place) {
  return HashCombine(HashCombine(static_cast<uint64_t>(line.first) + 1, place + 1),
                     static_cast<uint64_t>(line.second) * 0x9e3779b97f4a7c15ull);
}

void AppendHex(uint64_t number, std::string& out) {
  for (int shift = 60; shift >= 0; shift -= 4)
    out.push_back("0123456789abcdef"[number >> shift & 15]);
}

// What no codec takes much from, so that a pack of few lines is large enough for a filter; and of
// so many grams that filters of blocks are large enough for parts, but have room for them.
void AppendNoise(StoreLine line, std::string& out) {
  constexpr uint64_t kHashes = 82;
  for (uint64_t i = 0; i < kHashes; ++i) {
    uint64_t bits = HashOf(line, 100 + i);
    for (int symbol = 0; symbol < 21; ++symbol, bits >>= 3) out.push_back("!|~^@#%&"[bits & 7]);
  }
}

std::string HexOf(StoreLine line, uint64_t place) {
  std::string hex;
  AppendHex(HashOf(line, place), hex);
  AppendHex(HashOf(line, place + 1), hex);
  return hex;
}

}  // namespace

std::string LineId(StoreLine line) { return HexOf(line, 0); }
std::string LineTrace(StoreLine line) { return HexOf(line, 2); }

std::string LineText(const StoreShape& shape, StoreLine line) {
  std::string text = std::to_string(line.first) + " " + std::to_string(line.second) + " ";
  // Long enough to be worth its compression.
  if (!shape.rich) return text.append(60, static_cast<char>('a' + line.second % 26));
  text.append("id=").append(LineId(line)).append(kRichWord);
  text.append(std::to_string(line.second % 900)).append("ms ");
  // Of one stream, so that lines of the others are worth splitting.
  if (line.first == 0) AppendNoise(line, text);
  return text;
}

std::optional<StoreLine> ParseLine(const StoreShape& shape, std::string_view text) {
  StoreLine line;
  const char* const end = text.data() + text.size();
  const auto stream = std::from_chars(text.data(), end, line.first);
  if (stream.ec != std::errc() || stream.ptr == end) return std::nullopt;
  const auto number = std::from_chars(stream.ptr + 1, end, line.second);
  if (number.ec != std::errc() || text != LineText(shape, line)) return std::nullopt;
  return line;
}

}  // namespace skald::test

#include "chunkstore/format/split/line_shape.h"

#include <array>
#include <cstdint>

namespace skald::chunkstore {
namespace {

using Set = std::array<bool, 256>;

constexpr Set MakeSet(std::string_view characters) {
  Set set{};
  for (const char c : characters) set[static_cast<uint8_t>(c)] = true;
  return set;
}

constexpr std::string_view kBetweenTokens = " \t\n\r\",;=()[]{}<>|&?'";
constexpr std::string_view kBetweenWords = " \t\n\r\",;=()[]{}<>|&?':/.-_@#";
constexpr Set kTokenSeparators = MakeSet(kBetweenTokens);
constexpr Set kWordSeparators = MakeSet(kBetweenWords);

const Set& SeparatorsOf(Cut cut) { return cut == Cut::kLine ? kTokenSeparators : kWordSeparators; }

// The end of a quoted text that begins at `p`: its closing quote. Null if there is none.
const char* ClosingQuote(const char* p, const char* end) {
  for (; p < end; ++p) {
    if (*p == '"') return p;
    if (*p == '\\') ++p;
  }
  return nullptr;
}

}  // namespace

bool CutIntoTokens(std::string_view text, Cut cut, CutText& out) {
  const Set& separators = SeparatorsOf(cut);
  out.tokens.clear();
  out.shape.clear();
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end) {
    const char* token_end = nullptr;
    bool quoted = false;
    if (separators[static_cast<uint8_t>(*p)]) {
      out.shape.push_back(*p);
      quoted = *p++ == '"' && cut == Cut::kLine;
      if (!quoted) continue;
      token_end = ClosingQuote(p, end);
      if (token_end == nullptr) continue;
      if (token_end == p) {  // Nothing between the quotes.
        out.shape.push_back(*p++);
        continue;
      }
    } else {
      token_end = p + 1;
      while (token_end < end && !separators[static_cast<uint8_t>(*token_end)]) ++token_end;
    }
    if (out.tokens.size() == kMaxTokens) return false;
    out.tokens.emplace_back(p, static_cast<size_t>(token_end - p));
    out.shape.push_back('\0');
    p = token_end;
    if (quoted) out.shape.push_back(*p++);  // The closing quote opens nothing.
  }
  out.shape.push_back('\0');
  return !out.tokens.empty();
}

std::string_view LongestTokenPart(std::string_view literal, Cut cut) {
  const Set& separators = SeparatorsOf(cut);
  std::string_view longest;
  for (size_t at = 0; at < literal.size();) {
    size_t end = at;
    while (end < literal.size() && !separators[static_cast<uint8_t>(literal[end])]) ++end;
    if (end - at > longest.size()) longest = literal.substr(at, end - at);
    at = end + 1;
  }
  return longest;
}

}  // namespace skald::chunkstore

#include "differential/part_filters.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/ascii.h"
#include "common/quote.h"
#include "common/utf8.h"
#include "differential/query_texts.h"

namespace skald::differential {
namespace {

using Texts = std::vector<std::string>;

// Letters that `(?i)` takes for one, where ASCII does not tell so.
const std::vector<Texts> kSameLetters = {
    {"k", "K", "\u212a"}, {"s", "S", "\u017f"},           {"ß", "\u1e9e"}, {"ä", "Ä"},
    {"ö", "Ö"},           {"\u00b5", "\u03bc", "\u039c"}, {"ü", "Ü"},      {"é", "É"}};

}  // namespace

char PartFilters::Other(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const std::string_view like = std::isdigit(byte) != 0   ? "0123456789"
                                : std::isalpha(byte) != 0 ? "abefkmsxAEKS"
                                                          : " .,-/:=\"_a1";
  char other = c;
  while (other == c) other = like[random_.Below(like.size())];
  return other;
}

std::string PartFilters::PartOf(const std::string& line) {
  constexpr std::string_view kBetweenTokens = " \",;=()[]{}&?";
  constexpr std::string_view kEnds = " \",;=()[]{}&?/.:-";
  if (line.empty()) return "level";
  size_t from = random_.Below(line.size());
  size_t end = from + 1 + random_.Below(random_.Pick<uint64_t>({2, 7, 16, 40}));
  // Also the end of a token with the begin of the next ...
  const size_t between = line.find_first_of(kBetweenTokens, from);
  if (random_.Chance(40) && between != std::string::npos) {
    from = between - std::min<size_t>(between, 1 + random_.Below(12));
    end = between + 2 + random_.Below(14);
  }
  // ... or from where a token begins, or to where one ends.
  if (random_.Chance(25)) from = line.find_last_of(kEnds, from) + 1;
  if (random_.Chance(25)) end = std::min(line.find_first_of(kEnds, end), line.size());
  std::string part = ValidUtf8(line.substr(from, end - from));
  if (random_.Chance(25) && !part.empty()) {
    char& changed = part[random_.Below(part.size())];
    if (static_cast<unsigned char>(changed) < 0x80) changed = Other(changed);
  }
  return part.empty() ? "level" : part;
}

std::string PartFilters::OtherCase(std::string_view text) {
  std::string other;
  while (!text.empty()) {
    const std::string letter(text.substr(0, DecodeRune(text).length));
    text.remove_prefix(letter.size());
    const auto same = std::ranges::find_if(kSameLetters, [&](const Texts& letters) {
      return std::ranges::find(letters, letter) != letters.end();
    });
    if (random_.Chance(50)) {
      other += letter;
    } else if (same != kSameLetters.end()) {
      other += random_.Pick(*same);
    } else {
      other += UpperCase(letter) == letter ? LowerCase(letter) : UpperCase(letter);
    }
  }
  return other;
}

std::string PartFilters::Draw(const std::string& line) {
  std::string part = PartOf(line);
  switch (random_.Below(8)) {
    case 0:
      return " != " + GoQuote(part);
    case 1:
      return " |~ " + GoQuote(EscapeRegex(part));
    case 2:
    case 3:
      return " |~ " + GoQuote("(?i)" + EscapeRegex(OtherCase(part)));
    case 4:
      return " |~ " + GoQuote(EscapeRegex(part) + ".*" + EscapeRegex(PartOf(line)));
    case 5:
      std::erase_if(part, [](char c) { return c == '<' || c == '>'; });
      return " |> " + GoQuote("<_>" + (part.empty() ? "level" : part) + "<_>");
    case 6:
      return " |= " + GoQuote(part) + " or " + GoQuote(PartOf(line));
    default:
      return " |= " + GoQuote(part);
  }
}

}  // namespace skald::differential

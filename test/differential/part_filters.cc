#include "differential/part_filters.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "common/quote.h"
#include "differential/query_texts.h"

namespace skald::differential {

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
  constexpr std::string_view kEnds = " \",;=()[]{}&?/.:-";
  if (line.empty()) return "level";
  size_t from = random_.Below(line.size());
  size_t end = from + 1 + random_.Below(random_.Pick<uint64_t>({2, 7, 16, 40}));
  // Also from where a token begins, or to where one ends.
  if (random_.Chance(25)) from = line.find_last_of(kEnds, from) + 1;
  if (random_.Chance(25)) end = std::min(line.find_first_of(kEnds, end), line.size());
  std::string part = ValidUtf8(line.substr(from, end - from));
  if (random_.Chance(25) && !part.empty()) {
    char& changed = part[random_.Below(part.size())];
    if (static_cast<unsigned char>(changed) < 0x80) changed = Other(changed);
  }
  return part.empty() ? "level" : part;
}

std::string PartFilters::OtherCase(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || random_.Chance(50)) continue;
    c = static_cast<char>(std::isupper(byte) != 0 ? std::tolower(byte) : std::toupper(byte));
  }
  return text;
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

#include "differential/oracle_line_filter.h"

#include <re2/re2.h>

#include <algorithm>
#include <string_view>

#include "differential/oracle_pattern.h"
#include "differential/oracle_regex.h"
#include "differential/oracle_values.h"

namespace skald::differential {
namespace {

using logql::LineFilterOp;

bool Matches(LineFilterOp op, const logql::LineFilterArg& arg, const std::string& line) {
  if (arg.ip) return HasAddressIn(arg.text, line);
  switch (op) {
    case LineFilterOp::kContains:
    case LineFilterOp::kNotContains:
      return line.find(arg.text) != std::string::npos;
    case LineFilterOp::kRegex:
    case LineFilterOp::kNotRegex:
      return RegexOf(arg.text)->Matches(line);
    case LineFilterOp::kPattern:
    case LineFilterOp::kNotPattern:
      return MatchesPattern(arg.text, line);
  }
  return false;
}

}  // namespace

bool HasAddressIn(const std::string& pattern, const std::string& text) {
  const auto range = ParseAddressRange(pattern);
  static const RE2 kToken("([0-9a-fA-F:.]+)");
  re2::StringPiece rest(text);
  std::string token;
  while (RE2::FindAndConsume(&rest, kToken, &token)) {
    const std::string without_port = token.substr(0, token.find(':'));
    for (const std::string& text : {token, without_port}) {
      const auto address = ParseAddress(text);
      if (address && range->first <= *address && *address <= range->second) return true;
    }
  }
  return false;
}

bool KeepsLine(const logql::LineFilter& filter, const std::string& line) {
  const bool negated = filter.op == LineFilterOp::kNotContains ||
                       filter.op == LineFilterOp::kNotRegex ||
                       filter.op == LineFilterOp::kNotPattern;
  const bool any = std::ranges::any_of(
      filter.alternatives, [&](const auto& arg) { return Matches(filter.op, arg, line); });
  return any != negated;
}

}  // namespace skald::differential

#include "logql/pattern.h"

#include <algorithm>
#include <set>

namespace skald::logql {
namespace {

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool IsNameByte(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

// The name of the placeholder at the front of `text`, or empty.
std::string_view PlaceholderName(std::string_view text) {
  if (text.size() < 3 || text[0] != '<' || !IsNameStart(text[1])) return {};
  size_t end = 2;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  if (end == text.size() || text[end] != '>') return {};
  return text.substr(1, end - 1);
}

Status CheckNoneTouch(const std::vector<PatternPart>& parts) {
  for (size_t i = 1; i < parts.size(); ++i) {
    if (!parts[i - 1].placeholder || !parts[i].placeholder) continue;
    return InvalidArgument("found consecutive capture '<" + parts[i - 1].text + "><" +
                           parts[i].text + ">': invalid expression");
  }
  return Status();
}

}  // namespace

std::vector<PatternPart> SplitPattern(std::string_view text) {
  std::vector<PatternPart> parts;
  while (!text.empty()) {
    if (const std::string_view name = PlaceholderName(text); !name.empty()) {
      parts.push_back({.placeholder = true, .text = std::string(name)});
      text.remove_prefix(name.size() + 2);
      continue;
    }
    if (parts.empty() || parts.back().placeholder) parts.push_back({});
    parts.back().text.push_back(text[0]);
    text.remove_prefix(1);
  }
  return parts;
}

Result<std::vector<PatternPart>> ParseCapturePattern(std::string_view text) {
  if (text.empty()) {
    // Compat: the words of a grammar of its own.
    return InvalidArgument(
        "parse error at line 1, col 1: syntax error: unexpected $end, expecting IDENTIFIER or "
        "LITERAL");
  }
  std::vector<PatternPart> parts = SplitPattern(text);
  if (std::none_of(parts.begin(), parts.end(), [](const PatternPart& p) { return p.captures(); })) {
    return InvalidArgument("at least one capture is required");
  }
  SKALD_RETURN_IF_ERROR(CheckNoneTouch(parts));
  std::set<std::string_view> names;
  for (const PatternPart& part : parts) {
    if (part.captures() && !names.insert(part.text).second) {
      return InvalidArgument("duplicate capture name (<" + part.text + ">): invalid expression");
    }
  }
  return parts;
}

Result<std::vector<PatternPart>> ParseLinePattern(std::string_view text) {
  std::vector<PatternPart> parts = SplitPattern(text);
  for (const PatternPart& part : parts) {
    if (part.captures()) {
      return InvalidArgument("named captures are not allowed: found '<" + part.text + ">'");
    }
  }
  SKALD_RETURN_IF_ERROR(CheckNoneTouch(parts));
  return parts;
}

}  // namespace skald::logql

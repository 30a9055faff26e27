#include "differential/oracle_pattern.h"

#include <re2/re2.h>

#include <algorithm>

namespace skald::differential {
namespace {

struct Part {
  bool placeholder = false;
  std::string text;
};

std::vector<Part> Split(const std::string& pattern) {
  static const RE2 kPlaceholder("<([a-zA-Z_][a-zA-Z0-9_]*)>");
  std::vector<Part> parts;
  re2::StringPiece rest(pattern);
  std::string name;
  while (!rest.empty()) {
    if (RE2::Consume(&rest, kPlaceholder, &name)) {
      parts.push_back({true, name});
      continue;
    }
    if (parts.empty() || parts.back().placeholder) parts.push_back({});
    parts.back().text += rest[0];
    rest.remove_prefix(1);
  }
  return parts;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> CapturePattern(const std::string& pattern,
                                                                const std::string& line) {
  std::vector<std::pair<std::string, std::string>> captures;
  const std::vector<Part> parts = Split(pattern);
  size_t at = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].placeholder) {
      if (i == 0 && !line.starts_with(parts[i].text)) return {};
      at += parts[i].text.size();
      continue;
    }
    const bool last = i + 1 == parts.size();
    const size_t end = last ? std::string::npos : line.find(parts[i + 1].text, at);
    if (parts[i].text != "_") {
      captures.emplace_back(parts[i].text, line.substr(at, end == line.npos ? end : end - at));
    }
    if (end == std::string::npos) break;
    at = end;
  }
  return captures;
}

bool MatchesPattern(const std::string& pattern, const std::string& line) {
  const std::vector<Part> parts = Split(pattern);
  if (parts.empty()) return line.empty();
  size_t at = 0;
  bool gap = false;  // A placeholder that has to hold one byte at least waits for its end.
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].placeholder) {
      gap = true;
      continue;
    }
    const size_t found = line.find(parts[i].text, gap ? at + 1 : at);
    if (found == std::string::npos || (i > 0 && !gap && found != at)) return false;
    at = found + parts[i].text.size();
    gap = false;
  }
  return gap ? at < line.size() : at == line.size();
}

}  // namespace skald::differential

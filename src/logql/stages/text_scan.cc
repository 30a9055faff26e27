#include "logql/stages/text_scan.h"

#include <cstring>

#include "common/utf8.h"

namespace skald::logql {
namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string_view BlankInvalidUtf8(std::string_view text, TextArena& arena) {
  size_t i = AsciiPrefix(text);
  while (i < text.size()) {
    const Rune rune = DecodeRune(text.substr(i));
    if (rune.value == kReplacementRune) {
      break;
    }
    i += rune.length;
  }
  if (i == text.size()) {
    return text;
  }
  char* const begin = arena.Allocate(text.size());
  std::memcpy(begin, text.data(), i);
  char* out = begin + i;
  while (i < text.size()) {
    const Rune rune = DecodeRune(text.substr(i));
    if (rune.value == kReplacementRune) {
      *out++ = ' ';
    } else {
      std::memcpy(out, text.data() + i, rune.length);
      out += rune.length;
    }
    i += rune.length;
  }
  const auto written = static_cast<size_t>(out - begin);
  arena.Shrink(text.size() - written);
  return {begin, written};
}

void AppendLabelName(std::string& out, std::string_view name, bool first) {
  while (!name.empty() && IsSpace(name.front())) {
    name.remove_prefix(1);
  }
  while (!name.empty() && IsSpace(name.back())) {
    name.remove_suffix(1);
  }
  if (name.empty()) {
    return;
  }
  if (first && name[0] >= '0' && name[0] <= '9') {
    out.push_back('_');
  }
  while (!name.empty()) {
    if (IsNameByte(name[0])) {
      out.push_back(name[0]);
      name.remove_prefix(1);
    } else {
      out.push_back('_');
      name.remove_prefix(DecodeRune(name).length);
    }
  }
}

}  // namespace skald::logql

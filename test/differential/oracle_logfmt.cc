#include "differential/oracle_logfmt.h"

#include <optional>
#include <string_view>

#include "common/unquote.h"
#include "common/utf8.h"
#include "differential/oracle_json.h"

namespace skald::differential {
namespace {

bool IsBlank(char c) { return static_cast<unsigned char>(c) <= ' '; }

// Up to the next blank, or the first of `stops`.
std::string_view TakeWord(std::string_view& rest, std::string_view stops) {
  size_t length = 0;
  while (length < rest.size() && !IsBlank(rest[length]) &&
         stops.find(rest[length]) == std::string_view::npos) {
    ++length;
  }
  const std::string_view word = rest.substr(0, length);
  rest.remove_prefix(length);
  return word;
}

std::string Clean(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    out.append(rune.valid ? text.substr(0, rune.length) : " ");
    text.remove_prefix(rune.length);
  }
  return out;
}

// The value after `key=`; nothing if it is malformed.
std::optional<std::string> TakeValue(std::string_view& rest) {
  if (!rest.starts_with('"')) {
    const std::string_view word = TakeWord(rest, "=\"");
    if (!rest.empty() && !IsBlank(rest[0])) return std::nullopt;
    return std::string(word);
  }
  std::string_view at = rest;
  const auto quoted = ReadJson(at);
  if (!quoted) {
    rest = {};
    return std::nullopt;
  }
  rest = at;
  return JsonText(*quoted);
}

}  // namespace

Logfmt ReadLogfmt(const std::string& line, bool strict) {
  Logfmt logfmt;
  std::string_view rest = line;
  while (!rest.empty() && !(logfmt.broken && strict)) {
    if (IsBlank(rest[0])) {
      rest.remove_prefix(1);
      continue;
    }
    const std::string_view key = TakeWord(rest, "=\"");
    std::optional<std::string> value = "";
    bool good = !key.empty() && !rest.starts_with('"');
    if (good && rest.starts_with('=')) {
      rest.remove_prefix(1);
      value = TakeValue(rest);
    }
    good = good && value;
    if (good) {
      logfmt.pairs.emplace_back(std::string(key), Clean(*value));
    } else {
      logfmt.broken = true;
      TakeWord(rest, "");
    }
  }
  return logfmt;
}

}  // namespace skald::differential

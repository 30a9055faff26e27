#include "differential/oracle_json.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "common/utf8.h"

namespace skald::differential {
namespace {

void SkipBlanks(std::string_view& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(begin == std::string_view::npos ? text.size() : begin);
}

// The length of the string that begins `text`, quotes included; npos if it does not end.
size_t StringLength(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// The length of the object or array that begins `text`; npos if it does not end.
size_t BlockLength(std::string_view text, char open, char close) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      const size_t length = StringLength(text.substr(i));
      if (length == std::string_view::npos) return length;
      i += length - 1;
    } else if (text[i] == open) {
      ++depth;
    } else if (text[i] == close && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::optional<JsonValue::Kind> KindOfWord(std::string_view word) {
  if (word == "true" || word == "false") return JsonValue::Kind::kBool;
  if (word == "null") return JsonValue::Kind::kNull;
  if (!word.empty() && (word[0] == '-' || (word[0] >= '0' && word[0] <= '9'))) {
    return JsonValue::Kind::kNumber;
  }
  return std::nullopt;
}

std::string ReplaceInvalidUtf8(std::string_view text, char instead) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    rune.valid ? out.append(text.substr(0, rune.length)) : out.append(1, instead);
    text.remove_prefix(rune.length);
  }
  return out;
}

// The text of a string literal of valid UTF-8; "" if an escape is not one.
std::string Unescape(std::string literal) {
  RE2::GlobalReplace(&literal, "\t", "\\\\t");  // Control characters, which the library refuses.
  const auto parsed = nlohmann::json::parse(literal, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : "";
}

}  // namespace

std::optional<JsonValue> ReadJson(std::string_view& text) {
  SkipBlanks(text);
  if (text.empty()) return std::nullopt;
  JsonValue value;
  size_t length = 0;
  if (text[0] == '"') {
    value.kind = JsonValue::Kind::kString;
    length = StringLength(text);
  } else if (text[0] == '{') {
    value.kind = JsonValue::Kind::kObject;
    length = BlockLength(text, '{', '}');
  } else if (text[0] == '[') {
    value.kind = JsonValue::Kind::kArray;
    length = BlockLength(text, '[', ']');
  } else {
    length = std::min(text.find_first_of(" \t\r\n,}]"), text.size());
    const auto kind = KindOfWord(text.substr(0, length));
    if (!kind) return std::nullopt;
    value.kind = *kind;
  }
  value.open = length == std::string_view::npos;
  if (value.open && value.kind == JsonValue::Kind::kString) return std::nullopt;
  value.raw = text.substr(0, length);
  text.remove_prefix(value.raw.size());
  return value;
}

bool ForEachMember(const JsonValue& object,
                   const std::function<bool(const JsonValue& key, const JsonValue&)>& visit) {
  std::string_view rest = object.raw.substr(1);
  SkipBlanks(rest);
  if (rest.starts_with('}')) return true;
  while (true) {
    SkipBlanks(rest);
    if (!rest.starts_with('"')) return false;
    const auto key = ReadJson(rest);
    if (!key) return false;
    SkipBlanks(rest);
    if (!rest.starts_with(':')) return false;
    rest.remove_prefix(1);
    const auto value = ReadJson(rest);
    if (!value) return false;
    if (!visit(*key, *value)) return true;
    if (value->open) return false;
    SkipBlanks(rest);
    if (rest.starts_with('}')) return true;
    if (!rest.starts_with(',')) return false;
    rest.remove_prefix(1);
  }
}

std::vector<JsonValue> Elements(const JsonValue& array) {
  std::vector<JsonValue> elements;
  std::string_view rest = array.raw.substr(1);
  while (const auto value = ReadJson(rest)) {
    elements.push_back(*value);
    SkipBlanks(rest);
    if (!rest.starts_with(',')) break;
    rest.remove_prefix(1);
  }
  return elements;
}

std::string JsonText(const JsonValue& value, char instead) {
  if (value.kind != JsonValue::Kind::kString) return std::string(value.raw);
  return Unescape(ReplaceInvalidUtf8(value.raw, instead));
}

std::string JsonBytes(const JsonValue& value) {
  std::string out;
  std::string_view rest = value.raw.substr(1, value.raw.size() - 2);
  while (!rest.empty()) {
    size_t valid = 0;
    while (valid < rest.size() && DecodeRune(rest.substr(valid)).valid) {
      valid += DecodeRune(rest.substr(valid)).length;
    }
    out += Unescape("\"" + std::string(rest.substr(0, valid)) + "\"");
    rest.remove_prefix(valid);
    out += rest.substr(0, 1);
    rest.remove_prefix(std::min<size_t>(rest.size(), 1));
  }
  return out;
}

}  // namespace skald::differential

#include "logql/stages/json_text.h"

#include <array>

namespace skald::logql {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The code unit of `\uXXXX` at `p`; -1 if it is none.
int32_t ReadUnicodeEscape(const char* p, const char* end) {
  if (end - p < 6 || p[0] != '\\' || p[1] != 'u') {
    return -1;
  }
  int32_t code = 0;
  for (int i = 2; i < 6; ++i) {
    const int digit = HexDigit(p[i]);
    if (digit < 0) {
      return -1;
    }
    code = code * 16 + digit;
  }
  return code;
}

// Requires: `code` is no surrogate. At most six bytes stood for it in the text.
char* WriteRune(char* out, uint32_t code) {
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
    return out;
  }
  if (code < 0x800) {
    *out++ = static_cast<char>(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0 | (code >> 12));
    *out++ = static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | (code >> 18));
    *out++ = static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    *out++ = static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  }
  *out++ = static_cast<char>(0x80 | (code & 0x3F));
  return out;
}

// Writes the character of the escape at `p` (surrogates come in pairs). Returns the position after
// it, null if it is invalid.
const char* DecodeUnicode(const char* p, const char* end, char*& out) {
  const int32_t first = ReadUnicodeEscape(p, end);
  if (first < 0) {
    return nullptr;
  }
  if (first < 0xD800 || first >= 0xE000) {
    out = WriteRune(out, static_cast<uint32_t>(first));
    return p + 6;
  }
  const int32_t second = ReadUnicodeEscape(p + 6, end);
  if (first >= 0xDC00 || second < 0xDC00 || second >= 0xE000) {
    return nullptr;
  }
  out =
      WriteRune(out, static_cast<uint32_t>(((first - 0xD800) << 10) + (second - 0xDC00) + 0x10000));
  return p + 12;
}

char SimpleEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// Bytes behind which a literal ends.
constexpr std::array<bool, 256> kEndsLiteral = [] {
  std::array<bool, 256> ends{};
  for (const unsigned char c : {',', '}', ']', ' ', '\n', '\r', '\t'}) {
    ends[c] = true;
  }
  return ends;
}();

}  // namespace

std::string_view JsonErrorText(JsonError error) {
  switch (error) {
    case JsonError::kNone:
      return "";
    case JsonError::kJson:
      return "Malformed JSON error";
    case JsonError::kString:
      return "Value is string, but can't find closing '\"' symbol";
    case JsonError::kArray:
      return "Value is array, but can't find closing ']' symbol";
    case JsonError::kObject:
      return "Value looks like object, but can't find closing '}' symbol";
    case JsonError::kUnknownType:
      return "Unknown value type";
    case JsonError::kEscape:
      return "Encountered an invalid escape sequence in a string";
  }
  return "";
}

const char* ReadEscapedJsonString(const char* begin, const char* p, const char* end,
                                  JsonValue& value) {
  while (p != end) {
    if (*p == '"') {
      value.text = {begin, static_cast<size_t>(p - begin)};
      return p + 1;
    }
    value.escaped = true;
    if (end - p < 2) {
      return nullptr;
    }
    value.ascii = value.ascii && static_cast<signed char>(p[1]) >= 0;
    p = FindQuoteOrBackslash(p + 2, end, &value.ascii);
  }
  return nullptr;
}

const char* SkipJsonBlock(const char* p, const char* end, char open, char close, int level) {
  JsonValue ignored;
  for (; p != end; ++p) {
    if (*p == '"') {
      p = ReadJsonString(p + 1, end, ignored);
      if (p == nullptr) {
        return nullptr;
      }
      --p;
    } else if (*p == open) {
      ++level;
    } else if (*p == close && --level == 0) {
      return p + 1;
    }
  }
  return nullptr;
}

JsonError ReadJsonLiteral(const char* p, const char* end, JsonValue& value, const char*& next) {
  const char* q = p;
  while (q != end && !kEndsLiteral[static_cast<unsigned char>(*q)]) {
    ++q;
  }
  value.text = {p, static_cast<size_t>(q - p)};
  next = q;
  if (value.text.empty()) {
    return JsonError::kUnknownType;
  }
  const char c = *p;
  if (c == '-' || (c >= '0' && c <= '9')) {
    value.type = JsonType::kNumber;
  } else if (value.text == "true" || value.text == "false") {
    value.type = JsonType::kBool;
  } else if (value.text == "null") {
    value.type = JsonType::kNull;
  } else {
    return JsonError::kUnknownType;
  }
  return JsonError::kNone;
}

JsonError ReadJsonValue(const char* p, const char* end, JsonValue& value, const char*& next) {
  p = SkipJsonSpace(p, end);
  if (p == end) {
    return JsonError::kJson;
  }
  if (*p == '"') {
    next = ReadJsonString(p + 1, end, value);
    return next == nullptr ? JsonError::kString : JsonError::kNone;
  }
  if (*p == '{' || *p == '[') {
    const bool object = *p == '{';
    value.type = object ? JsonType::kObject : JsonType::kArray;
    next = SkipJsonBlock(p + 1, end, *p, object ? '}' : ']', 1);
    if (next == nullptr) {
      return object ? JsonError::kObject : JsonError::kArray;
    }
    value.text = {p, static_cast<size_t>(next - p)};
    return JsonError::kNone;
  }
  return ReadJsonLiteral(p, end, value, next);
}

bool UnescapeJson(std::string_view text, TextArena& arena, std::string_view& out) {
  char* const begin = arena.Allocate(text.size());
  char* to = begin;
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    if (*p != '\\') {
      *to++ = *p++;
      continue;
    }
    if (end - p >= 2 && p[1] == 'u') {
      p = DecodeUnicode(p, end, to);
      if (p == nullptr) {
        return false;
      }
      continue;
    }
    const char c = end - p >= 2 ? SimpleEscape(p[1]) : 0;
    if (c == 0) {
      return false;
    }
    *to++ = c;
    p += 2;
  }
  out = {begin, static_cast<size_t>(to - begin)};
  arena.Shrink(text.size() - out.size());
  return true;
}

std::string_view JsonLabelText(const JsonValue& value, TextArena& arena) {
  std::string_view text = value.text;
  if (value.escaped && !UnescapeJson(value.text, arena, text)) {
    return "";
  }
  return value.ascii && !value.escaped ? text : BlankInvalidUtf8(text, arena);
}

}  // namespace skald::logql

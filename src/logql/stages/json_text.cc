#include "logql/stages/json_text.h"

#include <array>

#include "common/json_escape.h"
#include "logql/stages/text_scan.h"

namespace skald::logql {
namespace {

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

const char* FindJsonLiteralEnd(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i comma = _mm_set1_epi8(',');
  const __m128i brace = _mm_set1_epi8('}');
  const __m128i blank = _mm_set1_epi8(' ');
  for (; end - p >= 16; p += 16) {
    // Brackets differ from braces by the bit of a blank. Of bytes up to a blank some are none.
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i ends =
        _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(bytes, blank), bytes),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, comma),
                                  _mm_cmpeq_epi8(_mm_or_si128(bytes, blank), brace)));
    for (auto hits = static_cast<unsigned>(_mm_movemask_epi8(ends)); hits != 0; hits &= hits - 1) {
      const char* const at = p + __builtin_ctz(hits);
      if (kEndsLiteral[static_cast<unsigned char>(*at)]) {
        return at;
      }
    }
  }
#endif
  while (p != end && !kEndsLiteral[static_cast<unsigned char>(*p)]) {
    ++p;
  }
  return p;
}

JsonError ReadJsonLiteral(const char* p, const char* end, JsonValue& value, const char*& next) {
  const char* const q = FindJsonLiteralEnd(p, end);
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
  char* end = begin;
  const bool valid = skald::UnescapeJson(text, end);
  const size_t size = valid ? static_cast<size_t>(end - begin) : 0;
  arena.Shrink(text.size() - size);
  if (valid) out = {begin, size};
  return valid;
}

std::string_view JsonLabelText(const JsonValue& value, TextArena& arena) {
  std::string_view text = value.text;
  if (value.escaped && !UnescapeJson(value.text, arena, text)) {
    return "";
  }
  return value.ascii && !value.escaped ? text : BlankInvalidUtf8(text, arena);
}

}  // namespace skald::logql

#pragma once

#include <cstdint>
#include <string_view>

#include "logql/stages/text_arena.h"
#include "logql/stages/text_scan.h"

// Reading JSON as leniently as the reference does: values are found, not checked. What follows the
// end of a value is never looked at, `12ab` passes for a number, and errors have the texts that
// show up in `__error_details__`.

namespace skald::logql {

// The error of a line that `| json` and `| unpack` cannot read.
inline constexpr std::string_view kJsonParserError = "JSONParserErr";

enum class JsonType : uint8_t { kString, kNumber, kBool, kNull, kObject, kArray };

enum class JsonError : uint8_t { kNone, kJson, kString, kArray, kObject, kUnknownType, kEscape };

std::string_view JsonErrorText(JsonError error);

struct JsonValue {
  std::string_view text;  // Strings without their quotes, still escaped.
  JsonType type = JsonType::kNull;
  bool escaped = false;  // Strings: a backslash occurs.
  bool ascii = true;     // Strings: no byte above 127.
};

inline const char* SkipJsonSpace(const char* p, const char* end) {
  while (p != end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
    ++p;
  }
  return p;
}

// Reads the string whose opening quote is at `p - 1`. Returns the position after its closing
// quote, null if there is none.
inline const char* ReadJsonString(const char* p, const char* end, JsonValue& value);

// The same from `p` on, a backslash or `end`, where the string begins at `begin` and
// `value.ascii` says what is known of the text in between.
const char* ReadEscapedJsonString(const char* begin, const char* p, const char* end,
                                  JsonValue& value);

// The position after the bracket that closes a block, null if there is none. `level` of them are
// open at `p`. Only brackets of that kind are counted, and strings are passed over.
const char* SkipJsonBlock(const char* p, const char* end, char open, char close, int level);

// The end of a number or word that begins at `p`.
const char* FindJsonLiteralEnd(const char* p, const char* end);

// Reads the value that begins at `p`, after blanks. Sets `next` to the position after it.
JsonError ReadJsonValue(const char* p, const char* end, JsonValue& value, const char*& next);

// Reads a scalar, as ReadJsonValue does. Requires: `p` is neither blank nor at a quote or bracket.
JsonError ReadJsonLiteral(const char* p, const char* end, JsonValue& value, const char*& next);

// Resolves escapes. False for an invalid one.
bool UnescapeJson(std::string_view text, TextArena& arena, std::string_view& out);

// A string's value as a label: unescaped, what is no UTF-8 blanked; empty for an invalid escape.
std::string_view JsonLabelText(const JsonValue& value, TextArena& arena);

inline const char* ReadJsonString(const char* p, const char* end, JsonValue& value) {
  const char* const begin = p;
  value.type = JsonType::kString;
  value.escaped = false;
  value.ascii = true;
  p = FindQuoteOrBackslash(p, end, &value.ascii);
  if (p == end || *p != '"') {
    return ReadEscapedJsonString(begin, p, end, value);
  }
  value.text = {begin, static_cast<size_t>(p - begin)};
  return p + 1;
}

}  // namespace skald::logql

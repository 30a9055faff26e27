#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skald::differential {

// A JSON value where it stands in a line.
struct JsonValue {
  enum class Kind { kString, kNumber, kBool, kNull, kObject, kArray };
  Kind kind = Kind::kNull;
  std::string_view raw;  // With quotes, brackets.
  bool open = false;     // An object or array without its closing bracket.
};

// The value that begins `text`, after blanks; nothing if there is none. Objects and arrays end with
// the bracket that closes them, whatever is inside, or with the text. `text` is moved behind it.
std::optional<JsonValue> ReadJson(std::string_view& text);

// Calls visit(key, value) for each member of an object until it returns false. False if the object
// is broken, after the members before that and one that is open.
bool ForEachMember(const JsonValue& object,
                   const std::function<bool(const JsonValue& key, const JsonValue&)>& visit);

// The elements of an array, up to where it is broken.
std::vector<JsonValue> Elements(const JsonValue& array);

// A string's text with its escapes resolved and bytes that are no UTF-8 replaced by `instead`; of
// other values the text as it stands.
std::string JsonText(const JsonValue& value, char instead = ' ');
// A string's text with its escapes resolved, and nothing replaced.
std::string JsonBytes(const JsonValue& value);

}  // namespace skald::differential

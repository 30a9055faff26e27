#pragma once

#include <string>
#include <string_view>

namespace skald::wire {

// Appends what the JSON string between two quotes stands for: escapes decoded, all else as it is.
// False, with nothing appended, if an escape is none of JSON's or half of a surrogate pair is
// missing.
bool AppendUnescaped(std::string_view raw, std::string& out);

// As above, but half a surrogate pair becomes U+FFFD.
bool AppendUnescapedLossy(std::string_view raw, std::string& out);

// A key from its first character on, escapes as they are. Requires: its closing quote is there.
std::string_view RawJsonKey(const char* begin);

// `text` without the blanks at its end.
std::string_view TrimJsonEnd(std::string_view text);

// The first JSON value of `text`, if it is an object, with small faults mended that parsers refuse
// and clients send: bytes that are not UTF-8 become U+FFFD, control characters in strings escapes,
// and what follows the value is cut off. Without a full value all of the text is kept.
std::string MendJson(std::string_view text);

}  // namespace skald::wire

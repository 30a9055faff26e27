#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald::ruler {

// Whether std::from_chars has taken all of `text`, and that is something.
bool ReadsAll(std::string_view text, const std::from_chars_result& result);

// What Go's library takes for a whole number: 10, -1, 0x1f, 0b11, 0o17, 017, 1_000, and of 1.5 or
// 1e3 what stands before the point.
bool ParseYamlInteger(std::string_view written, int64_t& number);

// Whether a scalar of this text may have this tag, as yaml-cpp gives it. All texts may be none, a
// string or binary; else the tag must be that of what the text would be without one.
// kInvalidArgument says what does not fit: "`g` is no !!int".
Status CheckYamlTag(std::string_view tag, std::string_view text);

// Whether a scalar stands for null: ~, null or nothing, without quotes and without another tag.
bool IsNullScalar(std::string_view tag, std::string_view text);
// Whether a scalar's tag, or its quotes, make it a text whatever it looks like.
bool IsTextTag(std::string_view tag);

// Replaces `text` of a scalar tagged !!binary by the bytes that it stands for; others are left.
// kInvalidArgument if it is no base64.
Status DecodeYamlBinary(std::string_view tag, std::string& text);

}  // namespace skald::ruler

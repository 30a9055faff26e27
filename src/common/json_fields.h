#pragma once

#include <cstdint>
#include <string_view>

#include "common/json_writer.h"

namespace skald {

// Fields of an object whose values are plain. Named by their kind: a text would pass for a bool.

inline void AppendText(std::string_view key, std::string_view text, JsonWriter& json) {
  json.Key(key);
  json.String(text);
}

inline void AppendNumber(std::string_view key, uint64_t number, JsonWriter& json) {
  json.Key(key);
  json.Uint(number);
}

inline void AppendFlag(std::string_view key, bool flag, JsonWriter& json) {
  json.Key(key);
  json.Bool(flag);
}

}  // namespace skald

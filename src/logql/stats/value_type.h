#pragma once

#include <cstdint>
#include <string_view>

namespace skald::logql {

// What the text of a field looks like.
enum class ValueType : uint8_t { kString, kInt, kFloat, kBoolean, kDuration, kBytes };

// The first that fits of int, float, boolean, duration, bytes and string; numbers as Go spells
// them, durations as Go's, sizes as LogQL's.
ValueType TypeOfValue(std::string_view text);

// "string", "int", "float", "boolean", "duration", "bytes".
std::string_view ValueTypeName(ValueType type);

}  // namespace skald::logql

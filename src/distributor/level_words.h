#pragma once

#include <cstdint>
#include <string_view>

namespace skald::distributor {

// Severities as `detected_level` names them.
enum class Level : uint8_t { kUnknown, kTrace, kDebug, kInfo, kWarn, kError, kCritical, kFatal };

// "unknown", "trace", ...; lives as long as the process.
std::string_view LevelName(Level level);

// The level that a text means, whatever its case: "Warning", "WRN", "inf" ... kUnknown if none.
Level ParseLevel(std::string_view text);

// The level of the first word in `line` that is one of trace, debug, fatal, critical, error, err,
// warning, warn and info, whatever its case; kUnknown if there is none. A word begins at the line's
// start or after a blank, a bracket, a quote, '=' or '|', and ends at the line's end or before one
// of these or ':' ',' '!'.
Level FindLevelWord(std::string_view line);

}  // namespace skald::distributor

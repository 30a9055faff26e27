#pragma once

#include <string>
#include <string_view>

namespace skald::app {

extern const std::string_view kVersion;   // Skald's own.
extern const std::string_view kRevision;  // Of the source; "unknown" outside of git.
// What clients that switch features by the server's version are told (buildinfo).
inline constexpr std::string_view kLokiVersion = "3.7.0";

// What -version prints.
std::string VersionText();

}  // namespace skald::app

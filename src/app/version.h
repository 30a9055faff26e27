#pragma once

#include <string>
#include <string_view>

namespace skald::app {

// Set by the build. `kVersion` is Skald's; `kLokiVersion` is what clients that switch features by
// the server's version are told (buildinfo).
inline constexpr std::string_view kVersion = SKALD_VERSION;
inline constexpr std::string_view kRevision = SKALD_REVISION;
inline constexpr std::string_view kLokiVersion = "3.7.0";

// What -version prints.
inline std::string VersionText() {
  return "skald, version " + std::string(kVersion) + " (revision: " + std::string(kRevision) +
         ")\n  speaks the API of Loki " + std::string(kLokiVersion) +
         "\n  compiler: " + __VERSION__ + "\n";
}

}  // namespace skald::app

#include "app/version.h"

namespace skald::app {

const std::string_view kVersion = SKALD_VERSION;
const std::string_view kRevision = SKALD_REVISION;

std::string VersionText() {
  return "skald, version " + std::string(kVersion) + " (revision: " + std::string(kRevision) +
         ")\n  speaks the API of Loki " + std::string(kLokiVersion) +
         "\n  compiler: " + __VERSION__ + "\n";
}

}  // namespace skald::app

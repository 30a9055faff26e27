#pragma once

#include "common/config.h"

namespace skald::app {

struct AppConfig;

// Adds the settings of HTTP and gRPC, and of what is said about requests, under `server`. They
// write to `config`, which must outlive them.
void AddServerConfig(Settings& settings, AppConfig* config);

}  // namespace skald::app

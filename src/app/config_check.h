#pragma once

#include <string_view>

#include "app/app_config.h"
#include "common/status.h"

namespace skald::app {

// Begins a message of several errors.
inline constexpr std::string_view kManyErrors =
    "MULTIPLE CONFIG ERRORS FOUND, PLEASE READ CAREFULLY";

// What of the settings does not fit, beyond the form of single ones; all of it, so that who puts it
// right need not start again and again. `completed` is what filling them in has met. The message is
// as Loki has it: `CONFIG ERROR: ` before each, and a line above them if there are several.
Status CheckConfig(const AppConfig& config, const Status& completed);

}  // namespace skald::app

#pragma once

#include <string>
#include <vector>

#include "app/app_config.h"

namespace skald::app {

// Settings that do not have all of the effect that whoever set them may count on: a line for each,
// which begins with its name and says what holds instead. Requires: the configuration is loaded.
std::vector<std::string> ConfigWarnings(const Configuration& configuration);

}  // namespace skald::app

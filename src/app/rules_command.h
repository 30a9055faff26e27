#pragma once

#include <string>

#include "app/app_config.h"

namespace skald::app {

// `-rules.check` and `-rules.test`: each takes files separated by commas, with `*` and `?` in
// names, prints what it has found, and returns the exit code: 0, or 1 for errors in rules or
// differences from what is expected. Doubts alone are no error.
int CheckRuleFiles(const AppConfig& config, const std::string& files);
int TestRuleFiles(const AppConfig& config, const std::string& files);

}  // namespace skald::app

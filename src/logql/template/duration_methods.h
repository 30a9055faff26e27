#pragma once

#include <string_view>

#include "logql/template/template_functions.h"

namespace skald::logql {

// A method of Go's time.Duration, as `.Seconds` or `.Round 1000000000`: a function whose first
// argument is the duration. Null if there is none of this name.
const TemplateFunction* FindDurationMethod(std::string_view name);

}  // namespace skald::logql

#pragma once

#include <string_view>

#include "logql/template/template_functions.h"

namespace skald::logql {

// A method of Go's time.Time, as `.UnixNano` or `.Format "15:04"`: a function whose first argument
// is the time. Null if there is none of this name.
const TemplateFunction* FindTimeMethod(std::string_view name);
// As FindTimeMethod, of time.Month, time.Weekday and *time.Location.
const TemplateFunction* FindNameMethod(std::string_view name);

}  // namespace skald::logql

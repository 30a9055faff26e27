#pragma once

#include <string>
#include <string_view>

#include "logql/template/template_functions.h"

namespace skald::ruler {

// A function of alerts' templates: Go's own and those of Prometheus. Null if there is none.
const logql::TemplateFunction* FindAlertFunction(std::string_view name);

// Numbers for people, as Prometheus' functions of these names print them: "14.81k", "2ki",
// "4h 6m 54s".
std::string Humanize(double value);
std::string Humanize1024(double value);
std::string HumanizeDuration(double seconds);
// "12.34%" of 0.1234.
std::string HumanizePercentage(double value);

}  // namespace skald::ruler

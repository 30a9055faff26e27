#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "logql/template/template_value.h"

namespace skald::logql {

// fmt.Sprintf, fmt.Sprint (blanks between operands where neither is a string), fmt.Sprintln. All
// stop once `out` has more than `max_bytes`.
void AppendPrintf(std::string& out, std::string_view format, std::span<const TemplateValue> args,
                  size_t max_bytes);
void AppendPrint(std::string& out, std::span<const TemplateValue> args, size_t max_bytes);
void AppendPrintln(std::string& out, std::span<const TemplateValue> args, size_t max_bytes);

}  // namespace skald::logql

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "logql/template/template_value.h"

namespace skald::logql {

// Appends a float as Go does: `format` is one of e f g, `precision` -1 the shortest that reads
// back the same. With 'g' and -1 exponents appear below 1e-4 and from 1e6 on, as %v has it.
void AppendGoFloat(std::string& out, double value, char format, int precision);

// fmt.Sprintf, fmt.Sprint (blanks between operands where neither is a string), fmt.Sprintln.
void AppendPrintf(std::string& out, std::string_view format, std::span<const TemplateValue> args);
void AppendPrint(std::string& out, std::span<const TemplateValue> args);
void AppendPrintln(std::string& out, std::span<const TemplateValue> args);

}  // namespace skald::logql

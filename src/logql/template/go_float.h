#pragma once

#include <string>

namespace skald::logql {

// Appends a float as Go does: `format` is one of e f g, `precision` -1 the shortest that reads
// back the same. With 'g' and -1 exponents appear below 1e-4 and from 1e6 on, as %v has it.
void AppendGoFloat(std::string& out, double value, char format, int precision);

}  // namespace skald::logql

#pragma once

#include <string_view>

#include "common/status.h"
#include "logql/ast.h"

namespace skald::logql {

// A number as queries write it. kInvalidArgument with Go's words:
// `strconv.ParseFloat: parsing "0x10": invalid syntax`.
Result<double> ParseNumber(std::string_view text);

// `left op right`. Comparisons give 1 or 0; division and remainder by zero NaN.
// Requires: not a set operator.
double Calculate(BinaryOp op, double left, double right);

}  // namespace skald::logql

#pragma once

#include <variant>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/metric/series_table.h"

namespace skald::logql {

// What an expression gives: a number, the same at all steps, or series.
using MetricValue = std::variant<double, SeriesTable>;

// Arithmetic, comparisons and set operators. kUnknown, with the words that clients know, when
// series cannot be matched one to one (or as group_left and group_right allow).
Result<MetricValue> ApplyBinary(const BinaryExpr& expr, MetricValue left, MetricValue right);

}  // namespace skald::logql

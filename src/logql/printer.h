#pragma once

#include <string>

#include "logql/ast.h"

namespace skald::logql {

// The canonical text on one line. Parse(Print(x)) equals x, unless it outgrows kMaxQueryBytes; but
// sizes that labels are compared with are rounded to a digit or two, as they are in evaluation.
std::string Print(const Expr& expr);
std::string Print(const LogExpr& expr);
// With unwrap, [range] and offset, as it stands in a range aggregation.
std::string Print(const LogRange& range);
// One stage, as it stands in a query: `| json a="b"`, `|= "x"`.
std::string Print(const Stage& stage);
// As it stands behind the bar: `a="b"`, `( a="b" or n>=5 )`.
std::string Print(const LabelFilter& filter);
// `| unwrap bytes(size)`, without the filters behind.
std::string Print(const Unwrap& unwrap);

// Pieces of the above: `by (a,b)` with the given separator; `/ on (x) group_left (y)`.
std::string Print(const Grouping& grouping, std::string_view separator);
std::string PrintOperator(const BinaryExpr& expr);
std::string PrintNumber(double value);

// As Print while that is at most 100 characters, else split into lines with two-space indents.
std::string PrettyPrint(const Expr& expr);

}  // namespace skald::logql

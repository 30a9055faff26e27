#pragma once

#include <string>

#include "logql/ast.h"

namespace skald::logql {

// The canonical text on one line. Parse(Print(x)) equals x.
std::string Print(const Expr& expr);
std::string Print(const LogExpr& expr);
// One stage, as it stands in a query: `| json a="b"`, `|= "x"`.
std::string Print(const Stage& stage);

// As Print while that is at most 100 characters, else split into lines with two-space indents.
std::string PrettyPrint(const Expr& expr);

}  // namespace skald::logql

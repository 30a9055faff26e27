#pragma once

#include <string>

#include "logql/ast.h"

namespace skald::test {

// Every field of a tree as text, for comparing trees: two dumps are equal where the trees are.
// Unlike the printer it hides nothing: kinds of numbers, absent options, conversions.
std::string Dump(const logql::Expr& expr);

}  // namespace skald::test

#pragma once

#include <optional>

#include "logql/ast.h"

namespace skald::logql {

// A metric expression whose value is known without reading or evaluating anything: a number, or a
// vector of one series without labels that has the number at all times.
struct Constant {
  double value = 0;
  bool is_vector = false;
};

// Numbers, vector(...), and arithmetic on them: `vector(2) * 3 + 1`. Comparisons of vectors that
// filter, set operators and matching are left to evaluation.
std::optional<Constant> FoldConstant(const Expr& expr);
std::optional<Constant> FoldConstant(const BinaryExpr& binary);

}  // namespace skald::logql

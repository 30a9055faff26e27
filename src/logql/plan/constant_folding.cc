#include "logql/plan/constant_folding.h"

#include "logql/arithmetic.h"

namespace skald::logql {
namespace {

struct Folder {
  std::optional<Constant> operator()(const Literal& literal) const {
    return Constant{.value = literal.value, .is_vector = false};
  }
  std::optional<Constant> operator()(const VectorLiteral& vector) const {
    return Constant{.value = vector.value, .is_vector = true};
  }
  std::optional<Constant> operator()(const BinaryExpr& binary) const {
    return FoldConstant(binary);
  }
  template <typename Other>
  std::optional<Constant> operator()(const Other&) const {
    return std::nullopt;
  }
};

}  // namespace

std::optional<Constant> FoldConstant(const Expr& expr) { return std::visit(Folder{}, expr.node); }

std::optional<Constant> FoldConstant(const BinaryExpr& binary) {
  if (IsSetOp(binary.op) || binary.matching) {
    return std::nullopt;
  }
  const std::optional<Constant> left = FoldConstant(*binary.left);
  const std::optional<Constant> right = left ? FoldConstant(*binary.right) : std::nullopt;
  if (!right) {
    return std::nullopt;
  }
  const bool is_vector = left->is_vector || right->is_vector;
  if (is_vector && IsComparison(binary.op) && !binary.return_bool) {
    return std::nullopt;
  }
  return Constant{.value = Calculate(binary.op, left->value, right->value), .is_vector = is_vector};
}

}  // namespace skald::logql

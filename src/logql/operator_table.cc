#include "logql/operator_table.h"

#include <algorithm>
#include <array>

namespace skald::logql {
namespace {

constexpr std::array kOperatorRules = {
    OperatorRule{TokenKind::kOr, BinaryOp::kOr, 1},
    OperatorRule{TokenKind::kAnd, BinaryOp::kAnd, 2},
    OperatorRule{TokenKind::kUnless, BinaryOp::kUnless, 2},
    OperatorRule{TokenKind::kCompareEqual, BinaryOp::kEq, 3},
    OperatorRule{TokenKind::kNotEqual, BinaryOp::kNotEq, 3},
    OperatorRule{TokenKind::kLess, BinaryOp::kLess, 3},
    OperatorRule{TokenKind::kLessEqual, BinaryOp::kLessEq, 3},
    OperatorRule{TokenKind::kGreater, BinaryOp::kGreater, 3},
    OperatorRule{TokenKind::kGreaterEqual, BinaryOp::kGreaterEq, 3},
    OperatorRule{TokenKind::kAdd, BinaryOp::kAdd, 4},
    OperatorRule{TokenKind::kSub, BinaryOp::kSub, 4},
    OperatorRule{TokenKind::kMul, BinaryOp::kMul, 5},
    OperatorRule{TokenKind::kDiv, BinaryOp::kDiv, 5},
    OperatorRule{TokenKind::kMod, BinaryOp::kMod, 5},
};

}  // namespace

const OperatorRule* FindOperator(TokenKind kind) {
  const auto it = std::find_if(kOperatorRules.begin(), kOperatorRules.end(),
                               [&](const OperatorRule& rule) { return rule.token == kind; });
  return it == kOperatorRules.end() ? nullptr : &*it;
}

RangeOp RangeOpOf(std::string_view name) {
  int op = static_cast<int>(RangeOp::kCount);
  while (RangeOpName(static_cast<RangeOp>(op)) != name) ++op;
  return static_cast<RangeOp>(op);
}

VectorOp VectorOpOf(std::string_view name) {
  int op = static_cast<int>(VectorOp::kSum);
  while (VectorOpName(static_cast<VectorOp>(op)) != name) ++op;
  return static_cast<VectorOp>(op);
}

}  // namespace skald::logql

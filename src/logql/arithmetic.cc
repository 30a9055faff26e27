#include "logql/arithmetic.h"

#include <cmath>
#include <limits>

#include "logql/stages/value_text.h"

namespace skald::logql {

Result<double> ParseNumber(std::string_view text) {
  double value = 0;
  if (ParseGoFloat(text, value)) return value;
  return InvalidArgument(ValueErrorText(ValueKind::kNumber, text));
}

double Calculate(BinaryOp op, double left, double right) {
  switch (op) {
    case BinaryOp::kAdd:
      return left + right;
    case BinaryOp::kSub:
      return left - right;
    case BinaryOp::kMul:
      return left * right;
    case BinaryOp::kDiv:
      return right == 0 ? std::numeric_limits<double>::quiet_NaN() : left / right;
    case BinaryOp::kMod:
      return right == 0 ? std::numeric_limits<double>::quiet_NaN() : std::fmod(left, right);
    case BinaryOp::kPow:
      return std::pow(left, right);
    case BinaryOp::kEq:
      return left == right ? 1 : 0;
    case BinaryOp::kNotEq:
      return left != right ? 1 : 0;
    case BinaryOp::kLess:
      return left < right ? 1 : 0;
    case BinaryOp::kLessEq:
      return left <= right ? 1 : 0;
    case BinaryOp::kGreater:
      return left > right ? 1 : 0;
    case BinaryOp::kGreaterEq:
      return left >= right ? 1 : 0;
    case BinaryOp::kOr:
    case BinaryOp::kAnd:
    case BinaryOp::kUnless:
      break;
  }
  SKALD_DCHECK(false);
  return 0;
}

}  // namespace skald::logql

#include "logql/arithmetic.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "common/quote.h"

namespace skald::logql {

Result<double> ParseNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string parsing = "strconv.ParseFloat: parsing " + GoQuote(text);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return InvalidArgument(parsing + ": invalid syntax");
  }
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, as in Go; which of both it was, strtod tells.
    value = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(value)) return InvalidArgument(parsing + ": value out of range");
  }
  return value;
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

#include "logql/ast.h"

namespace skald::logql {

bool IsAnswerStage(const Stage& stage) {
  return std::holds_alternative<Distinct>(stage) || std::holds_alternative<SortBy>(stage) ||
         std::holds_alternative<LimitEntries>(stage);
}

std::string_view RangeOpName(RangeOp op) {
  switch (op) {
    case RangeOp::kCount:
      return "count_over_time";
    case RangeOp::kRate:
      return "rate";
    case RangeOp::kRateCounter:
      return "rate_counter";
    case RangeOp::kBytes:
      return "bytes_over_time";
    case RangeOp::kBytesRate:
      return "bytes_rate";
    case RangeOp::kAvg:
      return "avg_over_time";
    case RangeOp::kSum:
      return "sum_over_time";
    case RangeOp::kMin:
      return "min_over_time";
    case RangeOp::kMax:
      return "max_over_time";
    case RangeOp::kStdvar:
      return "stdvar_over_time";
    case RangeOp::kStddev:
      return "stddev_over_time";
    case RangeOp::kQuantile:
      return "quantile_over_time";
    case RangeOp::kFirst:
      return "first_over_time";
    case RangeOp::kLast:
      return "last_over_time";
    case RangeOp::kAbsent:
      return "absent_over_time";
    case RangeOp::kCountDistinct:
      return "count_distinct_over_time";
  }
  return "";
}

std::string_view VectorOpName(VectorOp op) {
  switch (op) {
    case VectorOp::kSum:
      return "sum";
    case VectorOp::kAvg:
      return "avg";
    case VectorOp::kMax:
      return "max";
    case VectorOp::kMin:
      return "min";
    case VectorOp::kCount:
      return "count";
    case VectorOp::kStddev:
      return "stddev";
    case VectorOp::kStdvar:
      return "stdvar";
    case VectorOp::kTopk:
      return "topk";
    case VectorOp::kBottomk:
      return "bottomk";
    case VectorOp::kSort:
      return "sort";
    case VectorOp::kSortDesc:
      return "sort_desc";
    case VectorOp::kApproxTopk:
      return "approx_topk";
  }
  return "";
}

std::string_view BinaryOpText(BinaryOp op) {
  switch (op) {
    case BinaryOp::kOr:
      return "or";
    case BinaryOp::kAnd:
      return "and";
    case BinaryOp::kUnless:
      return "unless";
    case BinaryOp::kEq:
      return "==";
    case BinaryOp::kNotEq:
      return "!=";
    case BinaryOp::kLess:
      return "<";
    case BinaryOp::kLessEq:
      return "<=";
    case BinaryOp::kGreater:
      return ">";
    case BinaryOp::kGreaterEq:
      return ">=";
    case BinaryOp::kAdd:
      return "+";
    case BinaryOp::kSub:
      return "-";
    case BinaryOp::kMul:
      return "*";
    case BinaryOp::kDiv:
      return "/";
    case BinaryOp::kMod:
      return "%";
    case BinaryOp::kPow:
      return "^";
  }
  return "";
}

bool IsComparison(BinaryOp op) {
  return op == BinaryOp::kEq || op == BinaryOp::kNotEq || op == BinaryOp::kLess ||
         op == BinaryOp::kLessEq || op == BinaryOp::kGreater || op == BinaryOp::kGreaterEq;
}

bool IsSetOp(BinaryOp op) {
  return op == BinaryOp::kOr || op == BinaryOp::kAnd || op == BinaryOp::kUnless;
}

}  // namespace skald::logql

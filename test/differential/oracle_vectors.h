#pragma once

#include <vector>

#include "common/status.h"
#include "differential/oracle_range.h"
#include "logql/ast.h"

namespace skald::differential {

// sum, topk, sort ... of one vector.
std::vector<Element> AggregateVector(const logql::VectorAggregation& expr,
                                     const std::vector<Element>& in);

double Compute(logql::BinaryOp op, double a, double b);
// Of comparisons without `bool`: whether the element stays.
bool Holds(logql::BinaryOp op, double a, double b);

// A vector with a number at its right, or at its left.
std::vector<Element> CombineWithNumber(const logql::BinaryExpr& expr,
                                       const std::vector<Element>& in, double number,
                                       bool number_is_left);

// kUnknown for series that can't be told apart.
Result<std::vector<Element>> Combine(const logql::BinaryExpr& expr,
                                     const std::vector<Element>& left,
                                     const std::vector<Element>& right);

std::vector<Element> ReplaceLabel(const logql::LabelReplace& expr, std::vector<Element> in);

}  // namespace skald::differential

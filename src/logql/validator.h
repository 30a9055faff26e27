#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/extensions.h"
#include "model/matcher.h"

// Checks past the grammar of what tokens and their combinations mean. Each returns kInvalidArgument
// with the whole text that clients are shown, in the words that they know from Loki.

namespace skald::logql {

// The value of a number token.
Result<double> ParseLiteral(std::string_view text);

// Whether the aggregation has the parameter, grouping and unwrap that its operation wants.
// `parameter` is the text of the one given.
Status CheckRangeAggregation(const RangeAggregation& aggregation,
                             const std::optional<std::string>& parameter);

// The value of the parameter, or nothing where none is given and none needed. An error if one is
// missing or of no use, or if the operation takes no grouping.
Result<std::optional<double>> CheckVectorAggregation(VectorOp op, bool grouped,
                                                     const std::optional<std::string>& parameter);

// Whether both sides may stand beside the operator: no log queries, no numbers in set operations.
Status CheckOperands(BinaryOp op, const Expr& left, const Expr& right);

// Arguments of `| regexp` and `| pattern`, which are refused when parsed, unlike those of other
// stages.
Status CheckRegexpStage(std::string_view pattern);
Status CheckPatternStage(std::string_view pattern);

// One matcher at least must not match the empty value.
Status CheckSelector(const model::Matchers& matchers);

// CheckSelector of every selector in `expr`; `{}` as `empty` says, and refused where extensions are
// off.
Status Validate(const Expr& expr, Extensions extensions, EmptySelector empty);

}  // namespace skald::logql

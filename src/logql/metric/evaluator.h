#pragma once

#include "common/status.h"
#include "logql/ast.h"
#include "logql/metric/binary_op.h"
#include "logql/metric/evaluation.h"

namespace skald::logql {

// Evaluates a metric expression at all steps, operator by operator over whole tables.
Result<MetricValue> Evaluate(const Expr& expr, const Evaluation& evaluation);

// The range aggregation that takes over the grouping of a sum around it: a sum of its values over
// series is the operation over their samples. Null where that does not hold.
const RangeAggregation* SumTakenInto(const VectorAggregation& aggregation);

}  // namespace skald::logql

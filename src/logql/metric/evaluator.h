#pragma once

#include "common/status.h"
#include "logql/ast.h"
#include "logql/metric/binary_op.h"
#include "logql/metric/evaluation.h"

namespace skald::logql {

// Evaluates a metric expression at all steps, operator by operator over whole tables.
Result<MetricValue> Evaluate(const Expr& expr, const Evaluation& evaluation);

}  // namespace skald::logql

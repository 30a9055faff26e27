#pragma once

#include "logql/ast.h"
#include "logql/metric/series_table.h"

namespace skald::logql {

// sum, avg, topk, sort ... over the series of a table, step by step.
SeriesTable AggregateVector(const VectorAggregation& aggregation, SeriesTable operand);

}  // namespace skald::logql

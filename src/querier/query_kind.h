#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "logql/ast.h"

namespace skald::querier {

// What a query asks for, as rules and metrics name it.
enum class QueryKind {
  kMetric,   // A metric expression.
  kFilter,   // A log query with a filter that can drop lines.
  kLimited,  // Any other log query: it ends as soon as `limit` lines are read.
};

QueryKind KindOf(const logql::Expr& expr);
// "metric", "filter", "limited".
std::string_view QueryKindName(QueryKind kind);

// The longest [range] in `expr`, 0 if there is none. Those of functions that Loki computes from
// pieces of the range, as counts and sums, count as `piece_ns` at most.
int64_t LongestRange(const logql::Expr& expr,
                     int64_t piece_ns = std::numeric_limits<int64_t>::max());

// Whether a pipeline filters by labels that are there before its first parser adds some: the cheap
// way to write it.
bool FiltersBeforeParsing(const logql::Expr& expr);

// Whether an aggregation of that kind is anywhere in `expr`.
bool Uses(const logql::Expr& expr, logql::VectorOp op);

// Whether Loki would cut the query into shards by stream, as parts of its answer can be merged: log
// queries, and metric queries over counts, sums, averages and extremes. `also` names further
// functions of which that is wanted (limits_config.shard_aggregations).
bool IsShardable(const logql::Expr& expr, const std::vector<std::string>& also);

}  // namespace skald::querier

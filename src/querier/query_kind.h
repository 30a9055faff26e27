#pragma once

#include <cstdint>
#include <string_view>

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

// The longest [range] in `expr`, 0 if there is none.
int64_t LongestRange(const logql::Expr& expr);

}  // namespace skald::querier

#pragma once

#include <cstdint>

#include "common/limits.h"
#include "common/status.h"
#include "logql/ast.h"
#include "model/matcher.h"
#include "querier/query_request.h"

namespace skald::querier {

// kFailedPrecondition if the tenant may not query at all.
Status CheckQueryingAllowed(const Limits& limits);

// What of a query can be refused before it is run, with the text that clients are shown:
// kResourceExhausted for a limit, kUnimplemented for what has to be switched on, kInvalidArgument
// for what would not work anyway. Blocked queries and bytes read are checked
// elsewhere.
Status CheckQuery(const QueryRequest& request, const logql::Expr& expr, const Limits& limits);

// What of it holds for a selector alone.
Status CheckSelector(const model::Matchers& matchers, const Limits& limits);

// kResourceExhausted if [start_ns, end_ns) is longer than max_query_length.
Status CheckLength(int64_t start_ns, int64_t end_ns, const Limits& limits);

// Takes from `start_ns` what max_query_lookback hides. False if nothing is left.
bool ClampToLookback(int64_t now_ns, int64_t end_ns, const Limits& limits, int64_t& start_ns);

// Moves a metric query's points to multiples of its step, outwards.
// Compat: clients know the points of Loki, which does so whenever it splits queries.
void AlignToStep(QueryRequest& request);

}  // namespace skald::querier

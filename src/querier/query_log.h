#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"
#include "model/batch_source.h"
#include "model/sample.h"
#include "querier/query_kind.h"
#include "querier/query_request.h"

namespace skald::querier {

// What a query was and what has become of it.
struct QueryRecord {
  const QueryRequest& request;
  uint32_t hash = 0;  // QueryHash of the text that the query is known by.
  QueryKind kind = QueryKind::kMetric;
  bool filters_before_parsing = false;  // As FiltersBeforeParsing says of the query.
  const Status& status;
  const model::QuerySummary& summary;
  const model::ScanStats& stats;
  int64_t now_ns = 0;
};

// Above this a query counts as slow, in seconds.
inline constexpr double kSlowSeconds = 10;

// The time from one moment to another in Go's words, or as much of it as 64 bits hold: queries may
// reach as far as clients like.
std::string TimeBetween(int64_t from_ns, int64_t to_ns);

// Whether a query took so long that log lines and metrics call it slow.
bool IsSlow(const QueryRecord& record);

// Says that a query begins, for who looks for one that never ends; at level debug.
void LogQueryStart(const QueryRequest& request, uint32_t hash);

// Writes the line of figures that operators search for slow and costly queries, one more for a
// query that has failed, and adds to the metrics of queries.
void LogQuery(const QueryRecord& record);

// The line of a query that has failed as it could not be read, and its metric.
void LogSyntaxError(const QueryRequest& request, const Status& status);

}  // namespace skald::querier

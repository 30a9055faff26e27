#pragma once

#include <string>
#include <string_view>

#include "common/metrics.h"
#include "querier/query_log.h"

namespace skald::querier {

// Adds a query that has ended to loki_logql_querystats_* and its kin.
//
// Threads: any thread may call.
void CountQuery(const QueryRecord& record);

// Adds what a query has cost to the counters of its tenant's use.
void CountUse(const std::string& tenant, double seconds, const model::ScanStats& stats);

// Adds a query that has failed to the counter of those, by its category.
void CountFailure(std::string_view category);

// "200", "400" ...: a query's outcome as metrics and log lines have it.
std::string_view StatusCodeText(const Status& status);

// Counts a query among those in progress, as long as it lives.
class QueryInProgress {
 public:
  QueryInProgress();
  ~QueryInProgress();
  QueryInProgress(const QueryInProgress&) = delete;
  QueryInProgress& operator=(const QueryInProgress&) = delete;
};

}  // namespace skald::querier

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/memory_budget.h"
#include "common/status.h"
#include "logql/ast.h"
#include "logql/log_source.h"
#include "logql/plan/shards.h"
#include "logql/stats/field_stats.h"
#include "model/ids.h"

namespace skald::logql {

// Which fields of a query's entries are asked for, and how much of each.
struct FieldQuestion {
  std::vector<std::string> fields;  // These, in this order; empty: whatever there is.
  // Read lines that no stage of the query reads, as JSON or else as logfmt.
  bool parse_lines = true;
  size_t top = 10;          // Values of a field.
  size_t max_fields = 100;  // If none are named: those of the most entries.
};

// How are the values of fields distributed over all entries of a log query?
struct FieldStatsQuery {
  model::TenantId tenant;
  std::shared_ptr<const Expr> expr;  // A selector with stages.
  model::TimeRange range;
  FieldQuestion question;
  // What the counts are taken from; null: not counted. Borrowed.
  MemoryBudget* memory = nullptr;
  uint64_t min_shard_bytes = kMinShardBytes;  // As CutIntoShards has it.
};

// Reads all entries once. Fields that were not named come in the order of what they tell: those
// whose values agree the most first, but those that the selector has fixed last.
//
// Errors as Engine::Run, and those of `memory`; kInvalidArgument for a metric query.
Result<FieldStatsResult> RunFieldStats(const FieldStatsQuery& query, LogSource& source,
                                       Executor& executor, model::ScanContext& context);

}  // namespace skald::logql

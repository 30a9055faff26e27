#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/executor.h"
#include "common/memory_budget.h"
#include "logql/log_source.h"
#include "logql/metric/series_table.h"
#include "logql/plan/shards.h"
#include "model/ids.h"

namespace skald::logql {

// What the evaluation of a metric query works with.
//
// Ownership: borrows all; must outlive the evaluation.
struct Evaluation {
  LogSource& source;
  Executor& executor;
  model::ScanContext& context;
  model::TenantId tenant;
  StepGrid grid;
  MemoryBudget* memory = nullptr;  // Null: not counted.
  std::string outer_label = {};    // Of Query.
  uint64_t min_shard_bytes = kMinShardBytes;
};

// Memory that one range aggregation may take for its samples, whatever the budget. Beyond, the
// query ends with an error instead of taking the process with it.
inline constexpr size_t kMaxAccumulatorBytes = size_t{1} << 30;

}  // namespace skald::logql

#pragma once

#include <cstddef>
#include <cstdint>

#include "common/executor.h"
#include "logql/log_source.h"
#include "logql/metric/series_table.h"
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
};

// Memory that one range aggregation may take for its samples. Beyond, the query ends with an
// error instead of taking the process with it.
inline constexpr size_t kMaxAccumulatorBytes = size_t{1} << 30;

}  // namespace skald::logql

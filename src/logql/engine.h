#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/executor.h"
#include "common/memory_budget.h"
#include "common/status.h"
#include "logql/ast.h"
#include "logql/log_source.h"
#include "logql/plan/shards.h"
#include "model/ids.h"
#include "model/sample.h"

namespace skald::logql {

// A query with its parameters, all in nanoseconds.
struct Query {
  model::TenantId tenant;
  std::shared_ptr<const Expr> expr;
  bool instant = false;
  // Log queries: start <= t < end. Metric queries: evaluated at start, start + step, ... <= end;
  // instant ones at `end`.
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  int64_t step_ns = 0;
  int64_t interval_ns = 0;  // Log queries: thins out entries; 0 is off.
  int64_t split_ns = 0;     // Pieces that a log query with an interval is run in; 0 is one.
  uint32_t limit = 100;     // Log queries: entries in all.
  // Log queries: what distinct, sort and limit may hold; 0 is off.
  uint64_t max_held_bytes = uint64_t{256} << 20;
  uint64_t min_shard_bytes = kMinShardBytes;  // As CutIntoShards has it.
  // A label that streams have from outside, which stages do not see; empty: none.
  std::string outer_label;
  // What samples, series and entries are taken from; null: not counted. Borrowed.
  MemoryBudget* memory = nullptr;
  model::Direction direction = model::Direction::kBackward;
  bool categorize_labels = false;
  bool parsed_beside = false;   // Entries tell their parsed labels, which stay labels as well.
  uint32_t max_series = 0;      // Of the result; 0 is off.
  bool partial_series = false;  // Over max_series: cut and warn instead of an error.
};

// Runs LogQL over batches.
//
// Ownership: borrows source and executor.
// Threads:   any thread may call; a query works on all of the executor's threads.
class Engine {
 public:
  Engine(LogSource& source, Executor& executor) : source_(source), executor_(executor) {}

  // Errors carry the text that clients are shown. kInvalidArgument: the query's fault, among them
  // `parse error : stage '...' : ...` and `pipeline error: ...`; kResourceExhausted: a limit;
  // kUnknown: a run-time fault of the query that the contract answers with 500 (many-to-many
  // matching); kCancelled, kDeadlineExceeded from the context.
  Result<model::QueryResult> Run(const Query& query, model::ScanContext& context);

 private:
  LogSource& source_;
  Executor& executor_;
};

}  // namespace skald::logql

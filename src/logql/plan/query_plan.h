#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logql/ast.h"
#include "logql/engine.h"
#include "logql/plan/scan_plan.h"
#include "logql/plan/shared_reads.h"

namespace skald::logql {

// What a source knows of a scan before it reads any entries.
struct ScanForecast {
  uint64_t streams = 0;
  uint64_t chunks = 0;  // Those that are still in memory included.
  uint64_t packs = 0;
  uint64_t line_bytes = 0;
  // Packs that hold nothing of what is wanted, by their filters, and how many chunks that saves.
  uint64_t packs_skipped = 0;
  uint64_t chunks_skipped = 0;
  // Stored blocks, of as many chunks as were looked at, and those of them that no entry of is read.
  uint64_t chunks_seen = 0;
  uint64_t blocks = 0;
  uint64_t blocks_skipped = 0;
  // How the work is divided: shards that one thread reads from beginning to end.
  uint64_t shards = 0;
  uint64_t largest_shard_bytes = 0;
  uint64_t threads = 0;

  // Takes in what another source knows: all but how the work is divided.
  void Add(const ScanForecast& other);
};

// A selector of a query, and all that is decided on how it is read.
struct SelectorPlan {
  const LogExpr* log = nullptr;
  ScanPlan scan;
  model::TimeRange range;  // [range] and offset included.
  model::Direction direction = model::Direction::kForward;
  int64_t window_ns = 0;  // Metric queries.
  int64_t offset_ns = 0;
  const Unwrap* unwrap = nullptr;

  // What it would ask of a source by itself, but for the tenant.
  model::ScanRequest Request() const;
};

// What is asked of a source for a selector, or for several at once.
struct ReadPlan {
  SharedRead shared;  // Of selectors, by index. The tenant is missing.
  std::optional<ScanForecast> forecast;

  bool is_shared() const { return shared.readers.size() > 1; }
  // Columns and requirements; the stages are those of the selectors.
  ScanPlan Scan() const;
};

// An operator with what it works on.
struct PlanOperator {
  std::string text;       // "sum by (level)"
  std::string_view note;  // What was decided on it; may be empty.
  int selector = -1;      // Index of the selector it reads.
  std::vector<PlanOperator> operands;
};

// How a query is answered, as it can be shown. Made of the same decisions that execution makes.
//
// Ownership: borrows the query's expression.
// Threads:   a value.
struct QueryPlan {
  std::string text;  // The query in canonical form.
  bool is_log = false;
  bool is_instant = false;
  // Entries: start <= t < end. Metrics: the points in time from `start` on.
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  int64_t step_ns = 0;
  uint64_t points = 0;
  // Log queries end with so many entries.
  uint32_t limit = 0;
  int64_t interval_ns = 0;
  PlanOperator root;
  std::vector<SelectorPlan> selectors;  // From left to right.
  std::vector<ReadPlan> reads;          // By the first selector of each; every selector is in one.

  const ReadPlan& ReadOf(size_t selector) const;
};

QueryPlan PlanQuery(const Query& query);

}  // namespace skald::logql

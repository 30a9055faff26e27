#pragma once

#include <memory>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/found_entry.h"
#include "logql/plan/scan_plan.h"
#include "logql/stages/pipeline.h"
#include "model/log_batch.h"

namespace skald::logql {

// The stages of a log query for batches that come by themselves, as those of a live tail do.
//
// Threads: not synchronised.
class LiveQuery {
 public:
  // kInvalidArgument for a metric query, for the stages distinct, sort and limit, which need all
  // entries, and `parse error : stage '...' : cause`.
  static Result<std::unique_ptr<LiveQuery>> Make(std::shared_ptr<const Expr> expr,
                                                 bool categorize_labels);
  LiveQuery(const LiveQuery&) = delete;
  LiveQuery& operator=(const LiveQuery&) = delete;

  // Appends the entries of the batch that pass, ascending in time.
  void Read(const model::LogBatch& batch, std::vector<FoundEntry>& out);

 private:
  LiveQuery(std::shared_ptr<const Expr> expr, bool categorize_labels);

  FoundEntry EntryOf(const RowSlice& slice, size_t i) const;

  const std::shared_ptr<const Expr> expr_;
  const bool categorize_;
  const ScanPlan plan_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace skald::logql

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/plan/scan_plan.h"
#include "model/batch_source.h"
#include "model/entry_filter.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/matcher.h"

namespace skald::deletes {

// The query of a delete request, parsed and planned.
//
// Threads: immutable; any thread may call.
class CompiledRequest {
 public:
  // kInvalidArgument with LogQL's words for what is no log query, or has stages that look at more
  // than one entry. Selectors may match everything; a number means no entry.
  static Result<std::shared_ptr<const CompiledRequest>> Make(std::string_view query);
  CompiledRequest(const CompiledRequest&) = delete;
  CompiledRequest& operator=(const CompiledRequest&) = delete;

  const model::Matchers& matchers() const { return log_->matchers; }
  const logql::ScanPlan& plan() const { return plan_; }
  // Whether it has a line filter that asks for something, or a label filter: such requests are
  // worked through in pieces.
  bool has_filters() const;

 private:
  explicit CompiledRequest(std::shared_ptr<const logql::Expr> expr);

  const std::shared_ptr<const logql::Expr> expr_;
  const logql::LogExpr* const log_;
  const logql::ScanPlan plan_;
};

// A request for some of its time.
struct RequestPart {
  std::shared_ptr<const CompiledRequest> request;
  model::TimeRange range;
};

// Takes out what any of the parts means.
std::shared_ptr<const model::EntryFilters> MakeFilters(std::vector<RequestPart> parts);

}  // namespace skald::deletes

#pragma once

#include <memory>
#include <string_view>

#include "common/status.h"
#include "deletes/pattern_check.h"
#include "logql/ast.h"
#include "logql/plan/scan_plan.h"
#include "model/ids.h"
#include "model/matcher.h"

namespace skald::logql {
class Pipeline;
}

namespace skald::deletes {

// The query of a delete request, parsed and planned.
//
// Threads: immutable; any thread may call.
class CompiledRequest {
 public:
  // kInvalidArgument with LogQL's words for what is no log query, or has stages that look at more
  // than one entry. Selectors may match everything; a number means no entry.
  static Result<std::shared_ptr<const CompiledRequest>> Make(std::string_view query);
  ~CompiledRequest();
  CompiledRequest(const CompiledRequest&) = delete;
  CompiledRequest& operator=(const CompiledRequest&) = delete;

  const model::Matchers& matchers() const { return log_->matchers; }
  const logql::ScanPlan& plan() const { return plan_; }
  // A pipeline of its stages, for one reader.
  Result<std::unique_ptr<logql::Pipeline>> MakePipeline() const;
  // What it means for patterns.
  const PatternCheck& patterns() const { return patterns_; }
  // Whether it has a line filter that asks for something, or a label filter: such requests are
  // worked through in pieces.
  bool has_filters() const;

 private:
  explicit CompiledRequest(std::shared_ptr<const logql::Expr> expr);

  const std::shared_ptr<const logql::Expr> expr_;
  const logql::LogExpr* const log_;
  const logql::ScanPlan plan_;
  const PatternCheck patterns_;
};

// A request for some of its time.
struct RequestPart {
  std::shared_ptr<const CompiledRequest> request;
  model::TimeRange range;
};

}  // namespace skald::deletes

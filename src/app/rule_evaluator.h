#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/metrics.h"
#include "querier/querier.h"
#include "ruler/evaluator.h"

namespace skald::app {

// Runs the expressions of rules as queries like any other: of their tenant, under its limits.
//
// Ownership: borrows the querier.
// Threads:   any thread may call.
class RuleEvaluator final : public ruler::Evaluator {
 public:
  explicit RuleEvaluator(querier::Querier& querier);

  Result<ruler::EvaluatedQuery> Evaluate(const model::TenantId& tenant, const std::string& expr,
                                         int64_t time_ns, const CancelToken& cancel) override;

 private:
  Result<ruler::EvaluatedQuery> Run(const model::TenantId& tenant, const std::string& expr,
                                    int64_t time_ns, const CancelToken& cancel);

  querier::Querier& querier_;
  const Counter queries_;
  const Counter failed_;
};

}  // namespace skald::app

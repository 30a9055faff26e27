#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::ruler {

// One series of a query's answer.
struct EvaluatedSample {
  model::Labels labels;
  double value = 0;
};

// A query's answer.
struct EvaluatedQuery {
  std::vector<EvaluatedSample> samples;
  std::string missing;  // Why the answer may be short of what is stored; empty: it is whole.
};

// Runs the expressions of rules.
//
// Threads: any thread may call.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // The answer to an instant query at `time_ns`; a number is a series without labels.
  // kInvalidArgument `rule result is not a vector or scalar` for a log query; other errors as the
  // query has them, among them kCancelled.
  virtual Result<EvaluatedQuery> Evaluate(const model::TenantId& tenant, const std::string& expr,
                                          int64_t time_ns, const CancelToken& cancel) = 0;
};

}  // namespace skald::ruler

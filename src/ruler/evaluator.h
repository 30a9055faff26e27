#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::ruler {

// One series of a query's answer.
struct EvaluatedSample {
  model::Labels labels;
  double value = 0;
};

// Runs the expressions of rules.
//
// Threads: any thread may call.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // The answer to an instant query at `time_ns`; a number is a series without labels.
  // kInvalidArgument `rule result is not a vector or scalar` for a log query; other errors as the
  // query has them.
  virtual Result<std::vector<EvaluatedSample>> Evaluate(const model::TenantId& tenant,
                                                        const std::string& expr,
                                                        int64_t time_ns) = 0;
};

}  // namespace skald::ruler

#pragma once

#include "common/status.h"
#include "model/batch_source.h"

namespace skald::logql {

// Where the engine gets its entries from.
//
// Threads: any thread may call.
class LogSource {
 public:
  virtual ~LogSource() = default;

  // The streams that match, one scan each, ordered by labels. The scans borrow `context`.
  virtual Result<model::StreamScans> Select(const model::ScanRequest& request,
                                            model::ScanContext& context) = 0;
};

}  // namespace skald::logql

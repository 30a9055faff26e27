#pragma once

#include <atomic>
#include <cstdint>

#include "logql/log_source.h"

namespace skald::querier {

// kInvalidArgument with the text for the client if a query reads more than max_query_bytes_read.
Status CheckBytesRead(uint64_t bytes, uint64_t max_query_bytes);

// A source for one query that refuses it once its selectors would read more than its limits.
//
// Ownership: borrows `source`.
// Threads:   any thread may call.
class ByteLimitedSource final : public logql::LogSource {
 public:
  struct Options {
    uint64_t max_query_bytes = 0;    // limits_config.max_query_bytes_read; 0 is off.
    uint64_t max_querier_bytes = 0;  // limits_config.max_querier_bytes_read; 0 is off.
  };

  ByteLimitedSource(const Options& options, logql::LogSource& source);

  // kInvalidArgument with the text for the client when there is too much to read.
  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;

 private:
  const Options options_;
  logql::LogSource& source_;
  std::atomic<uint64_t> bytes_ = 0;  // Of all selectors so far.
};

}  // namespace skald::querier

#pragma once

#include <atomic>
#include <cstdint>

#include "logql/log_source.h"

namespace skald::querier {

// How a query would be cut up for queriers, each of which max_querier_bytes_read holds for.
//
// Threads: a value.
struct QuerierShare {
  enum class Cut {
    kNever,        // Sharding is switched off.
    kNotPossible,  // The query is one that cannot be.
    kIntoShards,
  };

  Cut cut = Cut::kNever;
  uint64_t shard_bytes = 0;   // Of a shard, that more of them are made above; 0: there is one.
  bool power_of_two = false;  // Their number is.

  // Of the `bytes` that the whole query reads, those of one querier.
  uint64_t Of(uint64_t bytes) const;
};

// kResourceExhausted with the text for the client if a query reads more than max_query_bytes_read.
Status CheckBytesRead(uint64_t bytes, uint64_t max_query_bytes);

// The same for what one querier reads of it, and max_querier_bytes_read.
Status CheckQuerierBytesRead(uint64_t bytes, uint64_t max_querier_bytes, const QuerierShare& share);

// A source for one query that refuses it once its selectors would read more than its limits.
//
// Ownership: borrows `source`.
// Threads:   any thread may call.
class ByteLimitedSource final : public logql::LogSource {
 public:
  struct Options {
    uint64_t max_query_bytes = 0;    // limits_config.max_query_bytes_read; 0 is off.
    uint64_t max_querier_bytes = 0;  // limits_config.max_querier_bytes_read; 0 is off.
    // What one querier would read of the query.
    QuerierShare share;
  };

  ByteLimitedSource(const Options& options, logql::LogSource& source);

  // kResourceExhausted with the text for the client when there is too much to read.
  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;

 private:
  const Options options_;
  logql::LogSource& source_;
  std::atomic<uint64_t> bytes_ = 0;  // Of all selectors so far.
};

}  // namespace skald::querier

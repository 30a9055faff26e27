#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/hash.h"
#include "common/mutex.h"
#include "common/status.h"
#include "common/token_bucket.h"

namespace skald::distributor {

// Holds tenants, and policies within a tenant, to their bytes a second.
//
// Ownership: borrows the clock.
// Threads:   any thread may call.
// Cost:      a bucket for each tenant and policy that has pushed.
class IngestLimiter {
 public:
  // What a push brings under one rate.
  struct Share {
    std::string_view policy;  // Whose rate it is; empty: the tenant's own.
    double rate = 0;          // Bytes a second.
    double burst = 0;         // Bytes at once.
    uint64_t lines = 0;
    uint64_t bytes = 0;
  };

  explicit IngestLimiter(const Clock& clock) : clock_(clock) {}

  // Takes all shares out of their buckets, or none: kResourceExhausted with the text for the
  // client if one does not fit.
  Status Admit(std::string_view tenant, std::span<const Share> shares);

 private:
  struct Bucket {
    Bucket(double r, double b, const Clock& clock) : rate(r), burst(b), tokens(r, b, clock) {}

    double rate;
    double burst;
    TokenBucket tokens;
  };

  Bucket& BucketOf(std::string_view tenant, const Share& share) SKALD_REQUIRES(mutex_);

  const Clock& clock_;
  Mutex mutex_;
  StringMap<std::unique_ptr<Bucket>> buckets_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::distributor

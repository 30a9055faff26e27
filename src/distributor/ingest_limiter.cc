#include "distributor/ingest_limiter.h"

namespace skald::distributor {
namespace {

Status Exceeded(std::string_view tenant, const IngestLimiter::Share& share) {
  std::string message = "ingestion rate limit exceeded for user " + std::string(tenant);
  if (!share.policy.empty()) message += ", policy " + std::string(share.policy);
  message += " (limit: " + std::to_string(static_cast<uint64_t>(share.rate)) +
             " bytes/sec) while attempting to ingest '" + std::to_string(share.lines) +
             "' lines totaling '" + std::to_string(share.bytes) +
             "' bytes, reduce log volume or contact your Loki administrator to see if the limit "
             "can be increased";
  return ResourceExhausted(std::move(message));
}

}  // namespace

Status IngestLimiter::Admit(std::string_view tenant, std::span<const Share> shares) {
  MutexLock lock(mutex_);
  for (size_t i = 0; i < shares.size(); ++i) {
    const Share& share = shares[i];
    if (BucketOf(tenant, share).tokens.TryTake(static_cast<double>(share.bytes))) continue;
    for (const Share& taken : shares.first(i)) {
      BucketOf(tenant, taken).tokens.Return(static_cast<double>(taken.bytes));
    }
    return Exceeded(tenant, share);
  }
  return {};
}

IngestLimiter::Bucket& IngestLimiter::BucketOf(std::string_view tenant, const Share& share) {
  std::string key(tenant);  // No tenant's name has a '|'.
  if (!share.policy.empty()) key.append("|").append(share.policy);
  std::unique_ptr<Bucket>& bucket = buckets_[key];
  if (bucket == nullptr) {
    bucket = std::make_unique<Bucket>(share.rate, share.burst, clock_);
  } else if (bucket->rate != share.rate || bucket->burst != share.burst) {
    bucket->rate = share.rate;
    bucket->burst = share.burst;
    bucket->tokens.Reset(share.rate, share.burst);
  }
  return *bucket;
}

}  // namespace skald::distributor

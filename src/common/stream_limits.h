#pragma once

#include <cstdint>
#include <string_view>

#include "common/limits.h"
#include "common/status.h"

namespace skald {

// What the streams of a tenant, or of one of its ingestion policies, are held to:
// `policy_override_limits` over the tenant's own.
//
// Threads: a value.
struct StreamLimits {
  bool own_count = false;  // Streams of the policy are counted apart from the tenant's others.
  int max_streams = 0;     // In one ingester; 0: no bound.
  int max_global_streams = 0;
  uint64_t rate = 0;  // Bytes of a stream a second; 0: no bound.
  uint64_t burst = 0;
  // shard_streams: whether a stream above `shard_rate` becomes several.
  bool sharded = true;
  bool log_shards = false;
  uint64_t shard_rate = 0;  // Bytes a second.
  // Whether entries older than that become streams by their time.
  bool time_sharded = false;
  Nanoseconds time_sharded_age = std::chrono::minutes(40);
};

// Whether `policy_override_limits` says anything of the policy. The empty one it never does.
bool HasOwnLimits(const Limits& limits, std::string_view policy);

// The limits of a policy's streams; of an empty or unknown one those of the tenant. A value that
// can't be read counts as not set; CheckStreamLimits refuses it when it is configured.
StreamLimits StreamLimitsOf(const Limits& limits, std::string_view policy);

// Whether `shard_streams` and `policy_override_limits` can be read, ingestion rates of policies
// included. kInvalidArgument names the policy and the key, for a misspelt one the nearest as well.
Status CheckStreamLimits(const Limits& limits);

}  // namespace skald

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "common/lru_cache.h"
#include "common/status.h"
#include "distributor/push_rules.h"
#include "distributor/stream_profile.h"
#include "model/push_batch.h"

namespace skald::distributor {

// Profiles of the streams seen lately, found by what the client sent for their labels: parsing,
// discovery and checks are done once a stream, not once a push.
//
// Threads: any thread may call.
// Cost:    `capacity_bytes` at most. A hit hashes the label text and copies it once.
class ProfileCache {
 public:
  explicit ProfileCache(size_t capacity_bytes) : profiles_(capacity_bytes) {}

  // The profile of `stream` under `rules`; `rules_id` tells them from all others. Fails as
  // MakeStreamProfile does.
  Result<std::shared_ptr<const StreamProfile>> Get(const PushRules& rules, uint64_t rules_id,
                                                   const StreamContext& context,
                                                   const model::PushStream& stream);

 private:
  LruCache<StreamProfile> profiles_;
};

}  // namespace skald::distributor

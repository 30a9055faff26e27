#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "distributor/stream_profile.h"
#include "model/push_batch.h"

namespace skald::distributor {

// What a stream of a batch was made from.
struct ShardingInput {
  const StreamProfile* profile = nullptr;
  uint64_t bytes = 0;  // Of its lines and metadata.
};

// Gives each stream that is pushed to faster than it should be the labels of one of its shards.
// Equal pushes go to equal shards as long as their number stays, so that what a client sends once
// more is found to be a repetition. `now_ns` is monotonic.
// Requires: `inputs` are those of batch.streams, one by one.
void ShardStreams(std::string_view tenant, int64_t now_ns, std::span<const ShardingInput> inputs,
                  model::PushBatch& batch);

}  // namespace skald::distributor

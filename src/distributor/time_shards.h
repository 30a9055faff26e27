#pragma once

#include <cstdint>
#include <vector>

#include "distributor/push_sharding.h"
#include "model/push_batch.h"

namespace skald::distributor {

// Where a tenant wants it (shard_streams.time_sharding_enabled), gives old entries of a stream
// labels that say of which stretch of time they are: __time_shard__="1700000000_1700003600", in
// seconds. A stream of `batch` becomes as many as its entries need; those of one stretch keep their
// order. Recent entries keep the labels they have.
//
// Requires: `inputs` are those of batch.streams, one by one; so they are afterwards.
// Requires: bucket_ns is at least a second.
void ShardByTime(int64_t now_ns, int64_t bucket_ns, std::vector<ShardingInput>& inputs,
                 model::PushBatch& batch);

}  // namespace skald::distributor

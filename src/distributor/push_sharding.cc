#include "distributor/push_sharding.h"

#include "common/hash.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "common/status.h"

namespace skald::distributor {
namespace {

// As much of a line as tells pushes apart.
constexpr size_t kHashedLineBytes = 256;

Counter ShardedPushes() {
  return Metrics::GetCounter("loki_stream_sharding_count",
                             "How often a stream of a push was given to a shard of it.");
}

uint64_t HashOf(const model::PushEntry& entry) {
  return HashCombine(Hash64(entry.line.substr(0, kHashedLineBytes)),
                     static_cast<uint64_t>(entry.time_ns));
}

}  // namespace

void ShardStreams(std::string_view tenant, int64_t now_ns, std::span<const ShardingInput> inputs,
                  model::PushBatch& batch) {
  static Counter sharded = ShardedPushes();
  SKALD_DCHECK(inputs.size() == batch.streams.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const StreamProfile& profile = *inputs[i].profile;
    if (profile.shards == nullptr) continue;
    const size_t count = profile.shards->Count(inputs[i].bytes, profile.shard_rate, now_ns);
    if (count == 1) continue;
    model::PushStream& stream = batch.streams[i];
    const size_t number = HashOf(batch.entries[stream.entry_begin]) % count;
    const StreamShards::Shard shard = stream.labels == profile.labels
                                          ? profile.shards->Get(number)
                                          : StreamShards::Make(*stream.labels, number);
    stream.labels = shard.labels;
    stream.fingerprint = shard.fingerprint;
    sharded.Add();
    if (profile.log_shards) {
      LogInfo("stream sharded", {{"org_id", tenant},
                                 {"stream", profile.labels->ToString()},
                                 {"shards", count},
                                 {"desired_rate", profile.shard_rate}});
    }
  }
}

}  // namespace skald::distributor

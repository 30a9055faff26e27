#include "distributor/stream_shards.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace skald::distributor {
namespace {

// For how long a push bears on the rate: a burst of a second or two is no reason to split.
constexpr double kMemorySeconds = 5;

}  // namespace

size_t StreamShards::Count(uint64_t bytes, uint64_t shard_rate, int64_t now_ns) {
  MutexLock lock(mutex_);
  const double seconds = static_cast<double>(std::max<int64_t>(now_ns - last_ns_, 0)) * 1e-9;
  rate_ = rate_ * std::exp(-seconds / kMemorySeconds) + static_cast<double>(bytes) / kMemorySeconds;
  last_ns_ = std::max(last_ns_, now_ns);
  const double shards = std::ceil(rate_ / static_cast<double>(shard_rate));
  return static_cast<size_t>(std::clamp(shards, 1.0, static_cast<double>(kMaxShards)));
}

StreamShards::Shard StreamShards::Get(size_t number) {
  MutexLock lock(mutex_);
  while (shards_.size() <= number) shards_.push_back(Make(*labels_, shards_.size()));
  return shards_[number];
}

StreamShards::Shard StreamShards::Make(const model::Labels& labels, size_t number) {
  model::LabelsBuilder builder(labels);
  builder.Set(kStreamShardLabel, std::to_string(number));
  Shard shard;
  shard.labels = std::make_shared<const model::Labels>(builder.Build());
  shard.fingerprint = shard.labels->Hash();
  return shard;
}

}  // namespace skald::distributor

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "model/labels.h"

namespace skald::distributor {

inline constexpr std::string_view kStreamShardLabel = "__stream_shard__";
inline constexpr std::string_view kTimeShardLabel = "__time_shard__";

// What a stream becomes when it is pushed to faster than one stream should be: several, told apart
// by one more label.
//
// Threads: any thread may call.
// Cost:    the labels of each shard there has been, kMaxShards at most.
class StreamShards {
 public:
  // More would make too many streams of one.
  static constexpr size_t kMaxShards = 64;

  struct Shard {
    std::shared_ptr<const model::Labels> labels;
    model::Fingerprint fingerprint;
  };

  explicit StreamShards(std::shared_ptr<const model::Labels> labels) : labels_(std::move(labels)) {}

  // Counts a push of `bytes`, and returns how many shards the stream needs for each to stay at
  // `shard_rate` bytes a second; 1: it stays as it is. `now_ns` is monotonic.
  // Requires: shard_rate > 0.
  size_t Count(uint64_t bytes, uint64_t shard_rate, int64_t now_ns);

  // The shard of that number, from 0.
  Shard Get(size_t number);
  // The same of a stream with other labels.
  static Shard Make(const model::Labels& labels, size_t number);

 private:
  const std::shared_ptr<const model::Labels> labels_;
  Mutex mutex_;
  double rate_ SKALD_GUARDED_BY(mutex_) = 0;  // Bytes a second, of late.
  int64_t last_ns_ SKALD_GUARDED_BY(mutex_) = 0;
  std::vector<Shard> shards_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::distributor

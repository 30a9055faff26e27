#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/batch_source.h"
#include "model/ids.h"

namespace skald::logql {

// What one thread of a query reads from beginning to end: a stream, or what it has in a part of
// time.
struct Shard {
  uint32_t scan = 0;  // The place of the stream's scan among all.
  model::TimeRange part = model::TimeRange::All();
  uint64_t line_bytes = 0;  // About.

  // As StreamScan has them, of the part. `whole` is the shard's scan.
  int64_t FirstNs(const model::StreamScan& whole) const {
    return std::max(whole.first_ns(), part.start);
  }
  int64_t LastNs(const model::StreamScan& whole) const {
    return std::min(whole.last_ns(), part.end - 1);
  }
};

// Lines of which a shard has so many bytes, at least, take longer to read than to hand out.
inline constexpr uint64_t kMinShardBytes = 4 << 20;

// Divides the work among `threads`. A stream is cut if it is so large beside all others that some
// threads would wait for the one that reads it; shards of `min_bytes` or more come of it, cut where
// no block or few must be read twice. Entries of one time are always in one shard, so that their
// order, and which of them are equal, can be told there. Ordered by scan, then by time.
std::vector<Shard> CutIntoShards(const model::StreamScans& scans, size_t threads,
                                 uint64_t min_bytes);

}  // namespace skald::logql

#include "logql/plan/shards.h"

#include <limits>
#include <utility>

namespace skald::logql {
namespace {

// A stream of less than a thread's share divided by this is read as it is: when threads run out of
// streams, none works on for long.
constexpr uint64_t kUncutPerThread = 4;
// The shards of others are smaller still: their sizes are estimates.
constexpr uint64_t kShardsPerThread = 16;

// Appends the shards of a scan. Between spans that overlap it cuts only where there is nothing
// better for long: blocks there are read for both sides.
void Cut(uint32_t scan, std::vector<model::ScanSpan> spans, uint64_t bytes,
         std::vector<Shard>& shards) {
  std::sort(spans.begin(), spans.end(),
            [](const auto& a, const auto& b) { return a.first_ns < b.first_ns; });
  Shard shard{.scan = scan};
  int64_t first_ns = spans.front().first_ns;  // Of the shard.
  int64_t reach_ns = first_ns;                // The last time so far.
  for (const model::ScanSpan& span : spans) {
    const bool overlaps = span.first_ns <= reach_ns;
    if (span.first_ns > first_ns && shard.line_bytes >= (overlaps ? 2 * bytes : bytes)) {
      shard.part.end = span.first_ns;
      shards.push_back(shard);
      first_ns = span.first_ns;
      shard = {.scan = scan, .part = {first_ns, model::TimeRange::All().end}};
    }
    shard.line_bytes += span.line_bytes;
    reach_ns = std::max(reach_ns, span.last_ns);
  }
  shards.push_back(shard);
}

}  // namespace

std::vector<Shard> CutIntoShards(const model::StreamScans& scans, size_t threads,
                                 uint64_t min_bytes) {
  uint64_t all_bytes = 0;
  for (const auto& scan : scans) all_bytes += scan->estimated_bytes();
  const uint64_t bytes = std::max(min_bytes, all_bytes / (kShardsPerThread * threads));
  const uint64_t max_uncut = threads == 1
                                 ? std::numeric_limits<uint64_t>::max()
                                 : std::max(bytes, all_bytes / (kUncutPerThread * threads));
  std::vector<Shard> shards;
  shards.reserve(scans.size());
  for (uint32_t i = 0; i < scans.size(); ++i) {
    if (const uint64_t of_scan = scans[i]->estimated_bytes(); of_scan <= max_uncut) {
      shards.push_back({.scan = i, .line_bytes = of_scan});
    } else {
      Cut(i, scans[i]->Spans(), bytes, shards);
    }
  }
  return shards;
}

}  // namespace skald::logql

#include "ingester/stream_size.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/metadata_volume.h"

namespace skald::ingester {
namespace {

// Sizes of a part in `range`: exact where the times are at hand, by share of the
// time that it spans where they are compressed.
void AddPart(const Stream& stream, const StreamPart& part, model::TimeRange range,
             rpc::StreamStats& stats) {
  const bool whole = range.Contains(part.first_ns) && range.Contains(part.last_ns);
  if (whole) {
    stats.entries += part.entries;
    stats.bytes += part.line_bytes;
    stats.metadata_volume += part.metadata_volume;
    return;
  }
  if (part.sealed == nullptr) {
    const auto block = stream.Snapshot(*part.raw);
    model::MetadataVolume metadata(*block);
    for (size_t row = 0; row < block->size(); ++row) {
      if (block->seqs[row] > part.last_seq || !range.Contains(block->times[row])) continue;
      ++stats.entries;
      stats.bytes += block->lines.Length(row);
      stats.metadata_volume += metadata.Add(row);
    }
    return;
  }
  const auto first = static_cast<double>(std::max(part.first_ns, range.start));
  const auto last = std::min(static_cast<double>(part.last_ns), static_cast<double>(range.end));
  const double span = static_cast<double>(part.last_ns) - static_cast<double>(part.first_ns) + 1;
  const double share = std::clamp((last - first + 1) / span, 0.0, 1.0);
  const auto scaled = [share](uint64_t whole) {
    return static_cast<uint64_t>(std::llround(share * static_cast<double>(whole)));
  };
  stats.entries += scaled(part.entries);
  stats.bytes += scaled(part.line_bytes);
  stats.metadata_volume += scaled(part.metadata_volume);
}

}  // namespace

void AddStats(const Stream& stream, model::TimeRange range, rpc::StreamStats& stats) {
  const std::vector<StreamPart> parts = stream.Parts(range);
  if (parts.empty()) return;
  ++stats.streams;
  stats.chunks += parts.size();
  for (const StreamPart& part : parts) AddPart(stream, part, range, stats);
}

}  // namespace skald::ingester

#include "querier/stream_volume.h"

#include <algorithm>
#include <utility>

#include "model/metadata_volume.h"

namespace skald::querier {
namespace {

std::vector<VolumePart> SumOf(const std::vector<VolumePart>& a, const std::vector<VolumePart>& b) {
  std::vector<VolumePart> sum;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(sum),
             [](const VolumePart& x, const VolumePart& y) { return x.range < y.range; });
  size_t kept = 0;
  for (size_t i = 0; i < sum.size(); ++i) {
    if (kept > 0 && sum[kept - 1].range == sum[i].range) {
      sum[kept - 1].bytes += sum[i].bytes;
    } else {
      sum[kept++] = sum[i];
    }
  }
  sum.resize(kept);
  return sum;
}

// Adds the entries of a batch to the parts by their times, which ascend.
void AddBatch(const model::LogBatch& batch, std::span<const model::TimeRange> ranges,
              std::vector<uint64_t>& bytes, std::vector<bool>& touched) {
  model::MetadataVolume metadata(*batch.block);
  size_t range = 0;
  for (const uint32_t row : batch.selection) {
    const int64_t time = batch.block->times[row];
    while (range < ranges.size() && time >= ranges[range].end) {
      ++range;
    }
    if (range == ranges.size()) {
      return;
    }
    if (time >= ranges[range].start) {
      bytes[range] += batch.block->lines.Length(row) + metadata.Add(row);
      touched[range] = true;
    }
  }
}

Result<std::vector<VolumePart>> Measure(model::StreamScan& scan,
                                        std::span<const model::TimeRange> ranges,
                                        const model::ScanContext& context) {
  std::vector<uint64_t> bytes(ranges.size());
  std::vector<bool> touched(ranges.size());
  const std::unique_ptr<model::BatchSource> source = scan.Open();
  for (;;) {
    SKALD_RETURN_IF_ERROR(context.cancel.Check());
    SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, source->Next());
    if (batch == nullptr) {
      break;
    }
    AddBatch(*batch, ranges, bytes, touched);
  }
  std::vector<VolumePart> parts;
  for (size_t range = 0; range < ranges.size(); ++range) {
    if (touched[range]) {
      parts.push_back({.range = static_cast<uint32_t>(range), .bytes = bytes[range]});
    }
  }
  return parts;
}

}  // namespace

void AddVolumes(std::vector<StreamVolume> more, std::vector<StreamVolume>& all) {
  std::vector<StreamVolume> merged;
  merged.reserve(all.size() + more.size());
  std::merge(std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()),
             std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()),
             std::back_inserter(merged),
             [](const StreamVolume& a, const StreamVolume& b) { return a.labels < b.labels; });
  all.clear();
  for (StreamVolume& volume : merged) {
    if (!all.empty() && all.back().labels == volume.labels) {
      all.back().parts = SumOf(all.back().parts, volume.parts);
    } else {
      all.push_back(std::move(volume));
    }
  }
}

Result<std::vector<StreamVolume>> MeasureVolumes(const model::StreamScans& scans,
                                                 std::span<const model::TimeRange> ranges,
                                                 const model::ScanContext& context) {
  std::vector<StreamVolume> volumes;
  for (const std::unique_ptr<model::StreamScan>& scan : scans) {
    SKALD_ASSIGN_OR_RETURN(std::vector<VolumePart> parts, Measure(*scan, ranges, context));
    if (!parts.empty()) {
      volumes.push_back({.labels = *scan->labels(), .parts = std::move(parts)});
    }
  }
  return volumes;
}

Result<std::vector<StreamVolume>> ReadVolumes(logql::LogSource& source,
                                              const model::StreamLookup& of,
                                              std::span<const model::TimeRange> ranges,
                                              const model::ColumnSet& columns) {
  if (ranges.empty()) {
    return std::vector<StreamVolume>();
  }
  model::ScanRequest request;
  request.tenant = of.tenant;
  request.matchers = of.matchers;
  request.range = of.range;
  request.direction = model::Direction::kForward;
  request.columns = columns;
  model::ScanContext context;
  context.cancel = of.cancel;
  SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans, source.Select(request, context));
  return MeasureVolumes(scans, ranges, context);
}

}  // namespace skald::querier

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/status.h"
#include "logql/log_source.h"
#include "model/batch_source.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/stream_lookup.h"

namespace skald::querier {

// What a stream has in one of the time ranges asked for.
struct VolumePart {
  uint32_t range = 0;  // Index of the range.
  // Of lines, and of metadata what model::MetadataVolume says; an estimate where chunks lie in the
  // range in part.
  uint64_t bytes = 0;
};

// Parts only for ranges that the stream may have entries in, ascending.
struct StreamVolume {
  model::Labels labels;
  std::vector<VolumePart> parts;
};

// Adds `more` to `all`; both ordered by labels.
void AddVolumes(std::vector<StreamVolume> more, std::vector<StreamVolume>& all);

// The bytes of scans that were selected with times, line lengths and metadata, by reading them.
// `ranges` ascend and do not overlap.
Result<std::vector<StreamVolume>> MeasureVolumes(const model::StreamScans& scans,
                                                 std::span<const model::TimeRange> ranges,
                                                 const model::ScanContext& context);

// The bytes of the streams that `of` is about, by reading them from `source`. `columns`: those and
// what tells the entries of `source` apart. `ranges`: as above, and in that of the lookup.
Result<std::vector<StreamVolume>> ReadVolumes(logql::LogSource& source,
                                              const model::StreamLookup& of,
                                              std::span<const model::TimeRange> ranges,
                                              const model::ColumnSet& columns);

}  // namespace skald::querier

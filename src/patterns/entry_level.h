#pragma once

#include <string_view>

#include "model/labels.h"
#include "model/push_batch.h"

namespace skald::patterns {

inline constexpr std::string_view kDetectedLevel = "detected_level";
// What an entry has whose level is not known.
inline constexpr std::string_view kUnknownLevel = "unknown";

// The streams that the system writes itself have one of these.
inline constexpr std::string_view kAggregatedMetricLabel = "__aggregated_metric__";
inline constexpr std::string_view kPatternLabel = "__pattern__";

inline bool IsInternal(const model::Labels& labels) {
  return labels.Has(kAggregatedMetricLabel) || labels.Has(kPatternLabel);
}

// The level of an entry, by the metadata that the distributor adds.
inline std::string_view EntryLevel(const model::PushBatch& batch, const model::PushEntry& entry) {
  for (uint32_t i = 0; i < entry.metadata_count; ++i) {
    const model::MetadataPair& pair = batch.metadata[entry.metadata_begin + i];
    if (pair.name == kDetectedLevel && !pair.value.empty()) return pair.value;
  }
  return kUnknownLevel;
}

}  // namespace skald::patterns

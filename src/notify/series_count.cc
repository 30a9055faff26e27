#include "notify/series_count.h"

#include "model/stale_marker.h"

namespace skald::notify {
namespace {

MetricLabels Of(const std::string& tenant) { return {{"tenant", tenant}}; }

}  // namespace

SeriesCount::SeriesCount(const std::string& tenant)
    : created_(Metrics::GetCounter("loki_ruler_wal_storage_created_series_total",
                                   "Series that rules have begun", Of(tenant))),
      removed_(Metrics::GetCounter("loki_ruler_wal_storage_removed_series_total",
                                   "Series that rules have ended", Of(tenant))),
      active_(Metrics::GetGauge("loki_ruler_wal_storage_active_series",
                                "Series that rules give, as of this process", Of(tenant))) {}

void SeriesCount::Add(std::span<const Sample> samples) {
  const MutexLock lock(mutex_);
  for (const Sample& sample : samples) {
    const uint64_t series = sample.labels.Hash().value();
    if (!model::IsStaleMarker(sample.value)) {
      created_.Add(series_.insert(series).second ? 1 : 0);
    } else {
      removed_.Add(static_cast<double>(series_.erase(series)));
    }
  }
  active_.Set(static_cast<double>(series_.size()));
}

}  // namespace skald::notify

#include "querier/retained_source.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "querier/filtered_scan.h"

namespace skald::querier {
namespace {

// Takes out entries before a time.
class AgeFilter final : public model::EntryFilter {
 public:
  explicit AgeFilter(int64_t oldest_ns) : oldest_ns_(oldest_ns) {}

  Status Apply(model::LogBatch& batch) override {
    const auto& times = batch.block->times;
    const auto kept = std::partition_point(batch.selection.begin(), batch.selection.end(),
                                           [&](uint32_t row) { return times[row] < oldest_ns_; });
    batch.selection.erase(batch.selection.begin(), kept);
    return {};
  }

 private:
  const int64_t oldest_ns_;
};

// What of `range` is not before `oldest_ns`.
model::TimeRange CutAt(int64_t oldest_ns, model::TimeRange range) {
  const int64_t start = std::max(range.start, oldest_ns);
  return {start, std::max(start, range.end)};
}

}  // namespace

model::TimeRange RetainedSource::Kept(const model::TenantId& tenant, model::TimeRange range) const {
  return CutAt(retention_.HorizonOf(tenant, clock_.NowNs()).all_before, range);
}

Result<model::StreamScans> RetainedSource::Select(const model::ScanRequest& request,
                                                  model::ScanContext& context) {
  const int64_t now_ns = clock_.NowNs();
  const chunkstore::Retention::Horizon horizon = retention_.HorizonOf(request.tenant, now_ns);
  model::ScanRequest kept = request;
  kept.range = CutAt(horizon.all_before, request.range);
  if (kept.range.empty()) return model::StreamScans();
  SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(kept, context));
  if (horizon.none_from <= kept.range.start) return scans;
  for (auto& scan : scans) {
    if (scan->first_ns() >= horizon.none_from) continue;
    const int64_t oldest_ns = retention_.OldestKept(request.tenant, *scan->labels(), now_ns);
    if (scan->first_ns() >= oldest_ns) continue;
    scan = FilterScan(std::move(scan), std::make_unique<AgeFilter>(oldest_ns));
  }
  return scans;
}

Result<std::vector<std::string>> RetainedSource::LabelNames(const model::TenantId& tenant,
                                                            const model::Matchers& matchers,
                                                            model::TimeRange range) {
  return source_.LabelNames(tenant, matchers, Kept(tenant, range));
}

Result<std::vector<std::string>> RetainedSource::LabelValues(const model::TenantId& tenant,
                                                             const std::string& name,
                                                             const model::Matchers& matchers,
                                                             model::TimeRange range) {
  return source_.LabelValues(tenant, name, matchers, Kept(tenant, range));
}

Result<std::vector<model::Labels>> RetainedSource::Series(const model::TenantId& tenant,
                                                          const model::Matchers& matchers,
                                                          model::TimeRange range) {
  return source_.Series(tenant, matchers, Kept(tenant, range));
}

Result<rpc::StreamStats> RetainedSource::Stats(const model::TenantId& tenant,
                                               const model::Matchers& matchers,
                                               model::TimeRange range) {
  return source_.Stats(tenant, matchers, Kept(tenant, range));
}

Result<std::vector<rpc::StreamSize>> RetainedSource::Sizes(const model::TenantId& tenant,
                                                           const model::Matchers& matchers,
                                                           model::TimeRange range) {
  return source_.Sizes(tenant, matchers, Kept(tenant, range));
}

Result<std::vector<StreamVolume>> RetainedSource::Volumes(
    const model::TenantId& tenant, const model::Matchers& matchers,
    std::span<const model::TimeRange> ranges) {
  const int64_t oldest_ns = retention_.HorizonOf(tenant, clock_.NowNs()).all_before;
  std::vector<model::TimeRange> kept;
  for (const model::TimeRange& range : ranges) kept.push_back(CutAt(oldest_ns, range));
  return source_.Volumes(tenant, matchers, kept);
}

Result<logql::ScanForecast> RetainedSource::Forecast(const model::ScanRequest& request) {
  model::ScanRequest kept = request;
  kept.range = Kept(request.tenant, request.range);
  return source_.Forecast(kept);
}

}  // namespace skald::querier

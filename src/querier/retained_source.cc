#include "querier/retained_source.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "querier/filtered_scan.h"

namespace skald::querier {
namespace {

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
  model::ScanRequest kept = request;
  kept.range = Kept(request.tenant, request.range);
  if (kept.range.empty()) return model::StreamScans();
  SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(kept, context));
  return FilterScans(std::move(scans), expired_.Of(request.tenant));
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

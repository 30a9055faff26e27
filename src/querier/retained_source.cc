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

model::StreamLookup RetainedSource::Kept(model::StreamLookup of) const {
  of.range = Kept(of.tenant, of.range);
  return of;
}

Result<model::StreamScans> RetainedSource::Select(const model::ScanRequest& request,
                                                  model::ScanContext& context) {
  model::ScanRequest kept = request;
  kept.range = Kept(request.tenant, request.range);
  if (kept.range.empty()) return model::StreamScans();
  SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(kept, context));
  return FilterScans(std::move(scans), expired_.Of(request.tenant));
}

Result<std::vector<std::string>> RetainedSource::LabelNames(const model::StreamLookup& of) {
  return source_.LabelNames(Kept(of));
}

Result<TextList> RetainedSource::LabelValues(const model::StreamLookup& of,
                                             const std::string& name) {
  return source_.LabelValues(Kept(of), name);
}

Result<model::SeriesList> RetainedSource::Series(const model::StreamLookup& of) {
  return source_.Series(Kept(of));
}

Result<rpc::StreamStats> RetainedSource::Stats(const model::StreamLookup& of) {
  return source_.Stats(Kept(of));
}

Result<std::vector<rpc::StreamSize>> RetainedSource::Sizes(const model::StreamLookup& of) {
  return source_.Sizes(Kept(of));
}

Result<std::vector<StreamVolume>> RetainedSource::Volumes(
    const model::StreamLookup& of, std::span<const model::TimeRange> ranges) {
  const int64_t oldest_ns = retention_.HorizonOf(of.tenant, clock_.NowNs()).all_before;
  std::vector<model::TimeRange> kept;
  for (const model::TimeRange& range : ranges) kept.push_back(CutAt(oldest_ns, range));
  return source_.Volumes(Kept(of), kept);
}

Result<logql::ScanForecast> RetainedSource::Forecast(const model::ScanRequest& request,
                                                     const CancelToken& cancel) {
  model::ScanRequest kept = request;
  kept.range = Kept(request.tenant, request.range);
  return source_.Forecast(kept, cancel);
}

}  // namespace skald::querier

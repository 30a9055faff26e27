#include "querier/store_source.h"

namespace skald::querier {

Result<model::StreamScans> StoreSource::Select(const model::ScanRequest& request,
                                               model::ScanContext& context) {
  return store_.Select(request, context);
}

Result<std::vector<std::string>> StoreSource::LabelNames(const model::TenantId& tenant,
                                                         const model::Matchers& matchers,
                                                         model::TimeRange range) {
  return store_.LabelNames(tenant, matchers, range);
}

Result<std::vector<std::string>> StoreSource::LabelValues(const model::TenantId& tenant,
                                                          const std::string& name,
                                                          const model::Matchers& matchers,
                                                          model::TimeRange range) {
  return store_.LabelValues(tenant, name, matchers, range);
}

Result<std::vector<model::Labels>> StoreSource::Series(const model::TenantId& tenant,
                                                       const model::Matchers& matchers,
                                                       model::TimeRange range) {
  SKALD_ASSIGN_OR_RETURN(const auto shared, store_.Series(tenant, {matchers}, range));
  std::vector<model::Labels> series;
  series.reserve(shared.size());
  for (const auto& labels : shared) {
    series.push_back(*labels);
  }
  return series;
}

Result<rpc::StreamStats> StoreSource::Stats(const model::TenantId& tenant,
                                            const model::Matchers& matchers,
                                            model::TimeRange range) {
  SKALD_ASSIGN_OR_RETURN(const chunkstore::StoredVolume volume,
                         store_.Stats(tenant, matchers, range));
  return rpc::StreamStats{.streams = volume.streams,
                          .chunks = volume.chunks,
                          .entries = volume.entries,
                          .bytes = volume.bytes};
}

}  // namespace skald::querier

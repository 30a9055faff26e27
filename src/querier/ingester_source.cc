#include "querier/ingester_source.h"

#include <algorithm>
#include <utility>

#include "querier/cardinality.h"
#include "querier/sorted_union.h"

namespace skald::querier {

IngesterSource::IngesterSource(Clients clients, const Clock& clock)
    : clients_(std::move(clients)), clock_(clock) {}

Result<model::StreamScans> IngesterSource::Select(const model::ScanRequest& request,
                                                  model::ScanContext& context) {
  std::vector<model::StreamScans> parts;
  const int64_t begin_ns = clock_.MonotonicNs();
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, client->Select(request, context));
    parts.push_back(std::move(scans));
  }
  context.stats.ingester_wait_ns += static_cast<uint64_t>(clock_.MonotonicNs() - begin_ns);
  if (parts.size() == 1) {
    return std::move(parts.front());
  }
  return model::MergeScans(std::move(parts), request.direction, context.stats);
}

Result<std::vector<std::string>> IngesterSource::LabelNames(const model::TenantId& tenant,
                                                            const model::Matchers& matchers,
                                                            model::TimeRange range) {
  std::vector<std::string> all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(auto names, client->LabelNames(tenant, matchers, range));
    UniteSorted(all, std::move(names));
  }
  return all;
}

Result<std::vector<std::string>> IngesterSource::LabelValues(const model::TenantId& tenant,
                                                             const std::string& name,
                                                             const model::Matchers& matchers,
                                                             model::TimeRange range) {
  std::vector<std::string> all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(auto values, client->LabelValues(tenant, name, matchers, range));
    UniteSorted(all, std::move(values));
  }
  return all;
}

Result<std::vector<model::Labels>> IngesterSource::Series(const model::TenantId& tenant,
                                                          const model::Matchers& matchers,
                                                          model::TimeRange range) {
  std::vector<model::Labels> all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(auto series, client->Series(tenant, matchers, range));
    UniteSorted(all, std::move(series));
  }
  return all;
}

Result<rpc::StreamStats> IngesterSource::Stats(const model::TenantId& tenant,
                                               const model::Matchers& matchers,
                                               model::TimeRange range) {
  rpc::StreamStats all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(const rpc::StreamStats stats, client->Stats(tenant, matchers, range));
    all.Add(stats);
  }
  return all;
}

// Replicas have the same entries, nearly: the one with the most of them counts.
Result<std::vector<rpc::StreamSize>> IngesterSource::Sizes(const model::TenantId& tenant,
                                                           const model::Matchers& matchers,
                                                           model::TimeRange range) {
  std::vector<rpc::StreamSize> all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(auto sizes, client->Sizes(tenant, matchers, range));
    MergeSizes(std::move(sizes), all, [](rpc::StreamSize& size, const rpc::StreamSize& other) {
      size.entries = std::max(size.entries, other.entries);
      size.bytes = std::max(size.bytes, other.bytes);
    });
  }
  return all;
}

// Memory is read, but for the text of lines.
Result<std::vector<StreamVolume>> IngesterSource::Volumes(
    const model::TenantId& tenant, const model::Matchers& matchers,
    std::span<const model::TimeRange> ranges) {
  if (ranges.empty()) {
    return std::vector<StreamVolume>();
  }
  model::ScanRequest request;
  request.tenant = tenant;
  request.matchers = matchers;
  request.range = {ranges.front().start, ranges.back().end};
  request.direction = model::Direction::kForward;
  // Replicas number entries differently: there equal ones are known by all they have.
  request.columns.lines = clients_().size() > 1;
  model::ScanContext context;
  SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans, Select(request, context));
  return MeasureVolumes(scans, ranges, context);
}

}  // namespace skald::querier

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

Result<std::vector<std::string>> IngesterSource::LabelNames(const model::StreamLookup& of) {
  std::vector<std::string> all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(auto names, client->LabelNames(of));
    UniteSorted(all, std::move(names));
  }
  return all;
}

Result<TextList> IngesterSource::LabelValues(const model::StreamLookup& of,
                                             const std::string& name) {
  TextList all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(auto values, client->LabelValues(of, name));
    SKALD_RETURN_IF_ERROR(all.Unite(std::move(values), of.cancel, of.workers));
  }
  return all;
}

Result<model::SeriesList> IngesterSource::Series(const model::StreamLookup& of) {
  model::SeriesList all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(auto series, client->Series(of));
    SKALD_RETURN_IF_ERROR(all.Unite(std::move(series), of.cancel, of.workers));
  }
  return all;
}

Result<rpc::StreamStats> IngesterSource::Stats(const model::StreamLookup& of) {
  rpc::StreamStats all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(const rpc::StreamStats stats, client->Stats(of));
    all.Add(stats);
  }
  return all;
}

// Replicas have the same entries, nearly: the one with the most of them counts.
Result<std::vector<rpc::StreamSize>> IngesterSource::Sizes(const model::StreamLookup& of) {
  std::vector<rpc::StreamSize> all;
  for (rpc::IngesterClient* client : clients_()) {
    SKALD_ASSIGN_OR_RETURN(auto sizes, client->Sizes(of));
    MergeSizes(std::move(sizes), all, [](rpc::StreamSize& size, const rpc::StreamSize& other) {
      size.entries = std::max(size.entries, other.entries);
      size.bytes = std::max(size.bytes, other.bytes);
    });
  }
  return all;
}

// Memory is read, but for the text of lines.
Result<std::vector<StreamVolume>> IngesterSource::Volumes(
    const model::StreamLookup& of, std::span<const model::TimeRange> ranges) {
  // Replicas number entries differently: there equal ones are known by all they have.
  return ReadVolumes(*this, of, ranges, {.lines = clients_().size() > 1, .metadata = {}});
}

}  // namespace skald::querier

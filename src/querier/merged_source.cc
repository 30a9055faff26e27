#include "querier/merged_source.h"

#include <utility>

#include "querier/cardinality.h"
#include "querier/sorted_union.h"

namespace skald::querier {

MergedSource::MergedSource(std::vector<StreamSource*> sources) : sources_(std::move(sources)) {}

Result<model::StreamScans> MergedSource::Select(const model::ScanRequest& request,
                                                model::ScanContext& context) {
  std::vector<model::StreamScans> parts;
  for (StreamSource* source : sources_) {
    SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source->Select(request, context));
    if (!scans.empty()) {
      parts.push_back(std::move(scans));
    }
  }
  if (parts.size() == 1) {
    return std::move(parts.front());
  }
  return model::MergeScans(std::move(parts), request.direction, context.stats);
}

Result<std::vector<std::string>> MergedSource::LabelNames(const model::StreamLookup& of) {
  std::vector<std::string> all;
  for (StreamSource* source : sources_) {
    SKALD_ASSIGN_OR_RETURN(auto names, source->LabelNames(of));
    UniteSorted(all, std::move(names));
  }
  return all;
}

Result<TextList> MergedSource::LabelValues(const model::StreamLookup& of, const std::string& name) {
  TextList all;
  for (StreamSource* source : sources_) {
    SKALD_ASSIGN_OR_RETURN(auto values, source->LabelValues(of, name));
    SKALD_RETURN_IF_ERROR(all.Unite(std::move(values), of.cancel, of.workers));
  }
  return all;
}

Result<model::SeriesList> MergedSource::Series(const model::StreamLookup& of) {
  model::SeriesList all;
  for (StreamSource* source : sources_) {
    SKALD_ASSIGN_OR_RETURN(auto series, source->Series(of));
    SKALD_RETURN_IF_ERROR(all.Unite(std::move(series), of.cancel, of.workers));
  }
  return all;
}

Result<rpc::StreamStats> MergedSource::Stats(const model::StreamLookup& of) {
  rpc::StreamStats all;
  size_t sources_with_streams = 0;
  for (StreamSource* source : sources_) {
    SKALD_ASSIGN_OR_RETURN(const rpc::StreamStats stats, source->Stats(of));
    all.Add(stats);
    sources_with_streams += stats.streams > 0 ? 1 : 0;
  }
  if (sources_with_streams > 1) {
    SKALD_ASSIGN_OR_RETURN(const auto series, Series(of));
    all.streams = series.size();
  }
  return all;
}

Result<std::vector<rpc::StreamSize>> MergedSource::Sizes(const model::StreamLookup& of) {
  std::vector<rpc::StreamSize> all;
  for (StreamSource* source : sources_) {
    SKALD_ASSIGN_OR_RETURN(auto sizes, source->Sizes(of));
    MergeSizes(std::move(sizes), all, [](rpc::StreamSize& size, const rpc::StreamSize& other) {
      size.entries += other.entries;
      size.bytes += other.bytes;
    });
  }
  return all;
}

Result<std::vector<StreamVolume>> MergedSource::Volumes(const model::StreamLookup& of,
                                                        std::span<const model::TimeRange> ranges) {
  std::vector<StreamVolume> all;
  for (StreamSource* source : sources_) {
    SKALD_ASSIGN_OR_RETURN(auto volumes, source->Volumes(of, ranges));
    AddVolumes(std::move(volumes), all);
  }
  return all;
}

Result<logql::ScanForecast> MergedSource::Forecast(const model::ScanRequest& request,
                                                   const CancelToken& cancel) {
  logql::ScanForecast all;
  for (StreamSource* source : sources_) {
    SKALD_ASSIGN_OR_RETURN(const logql::ScanForecast one, source->Forecast(request, cancel));
    all.Add(one);
  }
  return all;
}

}  // namespace skald::querier

#pragma once

#include <vector>

#include "common/text_list.h"
#include "querier/stream_source.h"

namespace skald::querier {

// Several sources as one: their union, with entries that more than one of them has shown once.
//
// Ownership: borrows the sources.
// Threads:   any thread may call.
// Cost:      asks them in the order given. The ingesters come before the store: what is flushed
//            between the two calls is then in both answers instead of in neither.
class MergedSource final : public StreamSource {
 public:
  explicit MergedSource(std::vector<StreamSource*> sources);

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;
  Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) override;
  Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) override;
  Result<model::SeriesList> Series(const model::StreamLookup& of) override;
  // Streams are counted once, whatever sources they are in.
  Result<rpc::StreamStats> Stats(const model::StreamLookup& of) override;
  Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup& of) override;
  Result<std::vector<StreamVolume>> Volumes(const model::StreamLookup& of,
                                            std::span<const model::TimeRange> ranges) override;
  Result<logql::ScanForecast> Forecast(const model::ScanRequest& request,
                                       const CancelToken& cancel) override;

 private:
  const std::vector<StreamSource*> sources_;
};

}  // namespace skald::querier

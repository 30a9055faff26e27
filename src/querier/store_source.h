#pragma once

#include "chunkstore/chunk_store.h"
#include "common/text_list.h"
#include "querier/stream_source.h"

namespace skald::querier {

// What is stored, as a source.
//
// Ownership: borrows `store`.
// Threads:   any thread may call.
class StoreSource final : public StreamSource {
 public:
  explicit StoreSource(chunkstore::ChunkStore& store) : store_(store) {}

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;
  Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) override;
  Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) override;
  Result<model::SeriesList> Series(const model::StreamLookup& of) override;
  Result<rpc::StreamStats> Stats(const model::StreamLookup& of) override;
  Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup& of) override;
  Result<std::vector<StreamVolume>> Volumes(const model::StreamLookup& of,
                                            std::span<const model::TimeRange> ranges) override;
  Result<logql::ScanForecast> Forecast(const model::ScanRequest& request,
                                       const CancelToken& cancel) override;

 private:
  chunkstore::ChunkStore& store_;
};

}  // namespace skald::querier

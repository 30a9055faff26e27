#pragma once

#include <vector>

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
  Result<std::vector<std::string>> LabelNames(const model::TenantId& tenant,
                                              const model::Matchers& matchers,
                                              model::TimeRange range) override;
  Result<std::vector<std::string>> LabelValues(const model::TenantId& tenant,
                                               const std::string& name,
                                               const model::Matchers& matchers,
                                               model::TimeRange range) override;
  Result<std::vector<model::Labels>> Series(const model::TenantId& tenant,
                                            const model::Matchers& matchers,
                                            model::TimeRange range) override;
  // Streams are counted once, whatever sources they are in.
  Result<rpc::StreamStats> Stats(const model::TenantId& tenant, const model::Matchers& matchers,
                                 model::TimeRange range) override;
  Result<std::vector<rpc::StreamSize>> Sizes(const model::TenantId& tenant,
                                             const model::Matchers& matchers,
                                             model::TimeRange range) override;
  Result<std::vector<StreamVolume>> Volumes(const model::TenantId& tenant,
                                            const model::Matchers& matchers,
                                            std::span<const model::TimeRange> ranges) override;
  Result<logql::ScanForecast> Forecast(const model::ScanRequest& request) override;

 private:
  const std::vector<StreamSource*> sources_;
};

}  // namespace skald::querier

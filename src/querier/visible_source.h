#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/entry_filter.h"
#include "querier/stream_source.h"

namespace skald::querier {

// A source without the entries that delete requests hide. Only entries: names of labels, series
// and sizes are as they are stored until the requests are processed.
//
// Ownership: borrows both.
// Threads:   any thread may call.
// Cost:      nothing for tenants without requests; else a look at the labels of each stream, and
//            the request's stages over what of the streams it selects lies in its time.
class VisibleSource final : public StreamSource {
 public:
  VisibleSource(StreamSource& source, const model::EntryFilterSource& hidden)
      : source_(source), hidden_(hidden) {}

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;
  Result<std::vector<std::string>> LabelNames(const model::TenantId& tenant,
                                              const model::Matchers& matchers,
                                              model::TimeRange range) override {
    return source_.LabelNames(tenant, matchers, range);
  }
  Result<std::vector<std::string>> LabelValues(const model::TenantId& tenant,
                                               const std::string& name,
                                               const model::Matchers& matchers,
                                               model::TimeRange range) override {
    return source_.LabelValues(tenant, name, matchers, range);
  }
  Result<std::vector<model::Labels>> Series(const model::TenantId& tenant,
                                            const model::Matchers& matchers,
                                            model::TimeRange range) override {
    return source_.Series(tenant, matchers, range);
  }
  Result<rpc::StreamStats> Stats(const model::TenantId& tenant, const model::Matchers& matchers,
                                 model::TimeRange range) override {
    return source_.Stats(tenant, matchers, range);
  }
  Result<std::vector<rpc::StreamSize>> Sizes(const model::TenantId& tenant,
                                             const model::Matchers& matchers,
                                             model::TimeRange range) override {
    return source_.Sizes(tenant, matchers, range);
  }
  Result<std::vector<StreamVolume>> Volumes(const model::TenantId& tenant,
                                            const model::Matchers& matchers,
                                            std::span<const model::TimeRange> ranges) override {
    return source_.Volumes(tenant, matchers, ranges);
  }
  Result<logql::ScanForecast> Forecast(const model::ScanRequest& request) override {
    return source_.Forecast(request);
  }

 private:
  StreamSource& source_;
  const model::EntryFilterSource& hidden_;
};

}  // namespace skald::querier

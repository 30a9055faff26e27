#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/text_list.h"
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
  Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) override {
    return source_.LabelNames(of);
  }
  Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) override {
    return source_.LabelValues(of, name);
  }
  Result<model::SeriesList> Series(const model::StreamLookup& of) override {
    return source_.Series(of);
  }
  Result<rpc::StreamStats> Stats(const model::StreamLookup& of) override {
    return source_.Stats(of);
  }
  Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup& of) override {
    return source_.Sizes(of);
  }
  Result<std::vector<StreamVolume>> Volumes(const model::StreamLookup& of,
                                            std::span<const model::TimeRange> ranges) override {
    return source_.Volumes(of, ranges);
  }
  Result<logql::ScanForecast> Forecast(const model::ScanRequest& request,
                                       const CancelToken& cancel) override {
    return source_.Forecast(request, cancel);
  }

 private:
  StreamSource& source_;
  const model::EntryFilterSource& hidden_;
};

}  // namespace skald::querier

#pragma once

#include <span>
#include <string>
#include <vector>

#include "chunkstore/compact/retention.h"
#include "common/clock.h"
#include "common/text_list.h"
#include "querier/expired_entries.h"
#include "querier/stream_source.h"

namespace skald::querier {

// A source without the entries that have expired, whether or not they are still stored: what was
// once out of sight does not come back. Names of labels, series and sizes leave out the time in
// which nothing of the tenant is kept; what single streams have lost of the rest they show until it
// is dropped.
//
// Ownership: borrows everything it is given.
// Threads:   any thread may call.
// Cost:      a look at the labels of each stream where a tenant's streams have different periods.
class RetainedSource final : public StreamSource {
 public:
  RetainedSource(StreamSource& source, const chunkstore::Retention& retention, const Clock& clock)
      : source_(source), retention_(retention), clock_(clock), expired_(retention, clock) {}

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;
  Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) override;
  Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) override;
  Result<model::SeriesList> Series(const model::StreamLookup& of) override;
  Result<rpc::StreamStats> Stats(const model::StreamLookup& of) override;
  Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup& of) override;
  // A range that is cut may be empty.
  Result<std::vector<StreamVolume>> Volumes(const model::StreamLookup& of,
                                            std::span<const model::TimeRange> ranges) override;
  Result<logql::ScanForecast> Forecast(const model::ScanRequest& request,
                                       const CancelToken& cancel) override;

 private:
  // What of `range` the tenant can have anything in.
  model::StreamLookup Kept(model::StreamLookup of) const;
  model::TimeRange Kept(const model::TenantId& tenant, model::TimeRange range) const;

  StreamSource& source_;
  const chunkstore::Retention& retention_;
  const Clock& clock_;
  const ExpiredEntries expired_;
};

}  // namespace skald::querier

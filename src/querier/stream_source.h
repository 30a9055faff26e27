#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/status.h"
#include "common/text_list.h"
#include "logql/log_source.h"
#include "logql/plan/query_plan.h"
#include "model/labels.h"
#include "model/series_list.h"
#include "model/stream_lookup.h"
#include "querier/stream_volume.h"
#include "rpc/ingester_client.h"

namespace skald::querier {

// A place that streams can be read from: ingesters, the chunk store, or both as one.
//
// Threads: any thread may call. Every call may block.
class StreamSource : public logql::LogSource {
 public:
  // Of streams with entries in the range, sorted and unique. Matchers may be empty.
  virtual Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) = 0;
  virtual Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) = 0;
  virtual Result<model::SeriesList> Series(const model::StreamLookup& of) = 0;
  // What the range holds; where chunks lie in it in part, an estimate.
  virtual Result<rpc::StreamStats> Stats(const model::StreamLookup& of) = 0;
  // The same stream by stream, ordered by labels; nothing of entries is read.
  virtual Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup& of) = 0;
  // What each stream has in each of the ranges, which ascend, do not overlap and are in that of the
  // lookup. Ordered by labels.
  virtual Result<std::vector<StreamVolume>> Volumes(const model::StreamLookup& of,
                                                    std::span<const model::TimeRange> ranges) = 0;
  // What is known of a request without reading entries: streams, chunks, bytes, and of what is
  // stored packs and blocks.
  virtual Result<logql::ScanForecast> Forecast(const model::ScanRequest& request,
                                               const CancelToken& cancel);
};

}  // namespace skald::querier

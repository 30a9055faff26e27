#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/limits.h"
#include "common/status.h"
#include "common/text_list.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/matcher.h"
#include "model/series_list.h"
#include "querier/cardinality.h"
#include "querier/detected_labels.h"
#include "querier/metadata_request.h"
#include "querier/stream_source.h"

namespace skald::querier {

// Answers what streams there are: label names, values, series, sizes. With several tenants,
// __tenant_id__ is a label of every stream. Names, values and series of the system's own streams
// are for requests with `internal_streams`.
//
// Every call may end with kResourceExhausted, a limit of the tenant's with the text for the client,
// or with kFailedPrecondition when querying is off.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call.
class MetadataQuery {
 public:
  struct Options {
    // Whether __tenant_id__ stands for the tenant: when queries over several are on.
    bool multi_tenant = false;
    // What is in memory alone, for DetectedLabels; null: nothing.
    StreamSource* memory = nullptr;
    Executor* workers = nullptr;  // Borrowed: its threads help with long lists, if there are any.
  };

  MetadataQuery(const Options& options, StreamSource& source, const LimitsSource& limits,
                const Clock& clock);

  // The request, which ends once the time has passed that queries may take (query_timeout), counted
  // from now on: for all that is asked with it, and for who writes the answer. Each question counts
  // from its own beginning otherwise.
  MetadataRequest WithinQueryTime(MetadataRequest request) const;

  // Sorted and unique. `matchers` may be empty.
  Result<std::vector<std::string>> LabelNames(MetadataRequest request,
                                              const model::Matchers& matchers) const;
  Result<TextList> LabelValues(MetadataRequest request, const std::string& name,
                               const model::Matchers& matchers) const;
  // The labels worth picking streams by, ordered by name. `matchers` may be empty: streams that
  // are in memory count then, whatever their time.
  Result<std::vector<DetectedLabel>> DetectedLabels(MetadataRequest request,
                                                    const model::Matchers& matchers) const;
  // Of the streams that one of `selectors` matches; of all if there are none.
  Result<model::SeriesList> Series(MetadataRequest request,
                                   std::span<const model::Matchers> selectors) const;
  // What streams that one of `selectors` matches are told apart by; all if there are none. At most
  // `limit` of each kind.
  Result<Cardinality> CountLabels(const MetadataRequest& request,
                                  std::span<const model::Matchers> selectors, size_t limit) const;
  Result<rpc::StreamStats> Stats(MetadataRequest request, const model::Matchers& matchers) const;

 private:
  // Adds names of labels, or values of `name`, that streams in memory have.
  Status AddNamesFromMemory(const MetadataRequest& request, std::vector<std::string>& all) const;
  Status AddValuesFromMemory(const MetadataRequest& request, const std::string& name,
                             TextList& all) const;

  const Options options_;
  StreamSource& source_;
  const LimitsSource& limits_;
  const Clock& clock_;
};

}  // namespace skald::querier

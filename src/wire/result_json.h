#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/status.h"
#include "common/text_list.h"
#include "model/batch_source.h"
#include "model/labels.h"
#include "model/sample.h"
#include "model/series_list.h"

namespace skald::wire {

// Bodies of the query API's answers, as Grafana and logcli read them. All append to `out`.
// Compat: answers with streams, labels and series end with a newline; matrix, vector and scalar
// ones do not.

// The answer to /query and /query_range.
void AppendQueryResponse(const model::QueryResult& result, const model::ScanStats& stats,
                         std::string& out);

// The answer to /api/prom/query: streams with label texts and RFC 3339 times.
// Requires: result.data holds streams.
void AppendLegacyQueryResponse(const model::QueryResult& result, const model::ScanStats& stats,
                               std::string& out);

// Label names or values. Compat: no `data` at all when there are none.
void AppendLabelsResponse(std::span<const std::string> names, std::string& out);
// Of lists that may be long, the error of the token soon after it is cancelled: `out` has a part
// then. With `workers` some of their threads help.
struct LongList {
  CancelToken cancel = CancelToken();
  Executor* workers = nullptr;
};
Status AppendLabelsResponse(const TextList& values, const LongList& list, std::string& out);
Status AppendSeriesResponse(const model::SeriesList& series, const LongList& list,
                            std::string& out);

// {"app":"a","env":"p"}
void AppendLabels(const model::Labels& labels, std::string& out);

// An entry that a slow follower has missed.
struct DroppedEntry {
  int64_t time_ns = 0;
  model::Labels labels;
};

// One text frame of /tail.
void AppendTailFrame(std::span<const model::ResultStream> streams,
                     std::span<const DroppedEntry> dropped, bool categorized, std::string& out);
// One of /api/prom/tail. Compat: what was dropped is there in any case, as null if nothing was.
void AppendLegacyTailFrame(std::span<const model::ResultStream> streams,
                           std::span<const DroppedEntry> dropped, std::string& out);

}  // namespace skald::wire

#include "api/query_headers.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api/request_limits.h"
#include "api/trace_id.h"
#include "common/duration.h"
#include "querier/query_tags.h"

namespace skald::api {
namespace {

// "a,b" to "a", "b".
std::vector<std::string> SplitFlags(std::string_view text) {
  std::vector<std::string> flags;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    flags.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return flags;
}

}  // namespace

void ReadQueryHeaders(const net::Request& request, bool per_request_limits,
                      querier::QueryRequest& query) {
  const net::Headers& headers = request.headers;
  query.encoding_flags = SplitFlags(headers.Get("X-Loki-Response-Encoding-Flags"));
  query.categorize_labels = std::find(query.encoding_flags.begin(), query.encoding_flags.end(),
                                      "categorize-labels") != query.encoding_flags.end();
  if (per_request_limits) {
    query.limits = ReadRequestLimits(headers);
  }
  query.tags = querier::ParseQueryTags(headers.Get("X-Query-Tags"));
  query.user_agent = headers.Get("User-Agent");
  query.trace_id = TraceIdOf(headers);
  query.disable_pipeline_wrappers = headers.Get("X-Loki-Disable-Pipeline-Wrappers") == "true";
  query.queue_time = request.queue_time;
  if (const auto before = ParseGoDuration(headers.Get("X-Query-Queue-Time")); before.ok()) {
    query.queue_time += *before;
  }
}

}  // namespace skald::api

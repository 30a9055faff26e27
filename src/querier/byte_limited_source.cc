#include "querier/byte_limited_source.h"

#include <string>

#include "common/duration.h"

namespace skald::querier {
namespace {

std::string Sizes(uint64_t bytes, uint64_t limit) {
  return " (query: " + FormatIecBytes(bytes) + ", limit: " + FormatIecBytes(limit) +
         "); consider adding more specific stream selectors";
}

}  // namespace

Status CheckBytesRead(uint64_t bytes, uint64_t max_query_bytes) {
  if (max_query_bytes == 0 || bytes <= max_query_bytes) {
    return {};
  }
  return InvalidArgument("the query would read too many bytes" + Sizes(bytes, max_query_bytes) +
                         " or reduce the time range of the query");
}

ByteLimitedSource::ByteLimitedSource(const Options& options, logql::LogSource& source)
    : options_(options), source_(source) {}

Result<model::StreamScans> ByteLimitedSource::Select(const model::ScanRequest& request,
                                                     model::ScanContext& context) {
  SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(request, context));
  uint64_t bytes = 0;
  for (const auto& scan : scans) {
    bytes += scan->estimated_bytes();
  }
  bytes += bytes_.fetch_add(bytes, std::memory_order_relaxed);
  SKALD_RETURN_IF_ERROR(CheckBytesRead(bytes, options_.max_query_bytes));
  if (options_.max_querier_bytes > 0 && bytes > options_.max_querier_bytes) {
    return InvalidArgument("query too large to execute on a single querier:" +
                           Sizes(bytes, options_.max_querier_bytes) +
                           ", reduce the time range of the query, or adjust parallelization "
                           "settings");
  }
  return scans;
}

}  // namespace skald::querier

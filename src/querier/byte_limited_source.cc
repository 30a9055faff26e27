#include "querier/byte_limited_source.h"

#include <bit>
#include <string>
#include <string_view>

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
  return ResourceExhausted("the query would read too many bytes" + Sizes(bytes, max_query_bytes) +
                           " or reduce the time range of the query");
}

uint64_t QuerierShare::Of(uint64_t bytes) const {
  if (cut != Cut::kIntoShards || shard_bytes == 0 || bytes <= shard_bytes) return bytes;
  const uint64_t shards = (bytes + shard_bytes - 1) / shard_bytes;
  return bytes / (power_of_two ? std::bit_ceil(shards) : shards);
}

Status CheckQuerierBytesRead(uint64_t bytes, uint64_t max_querier_bytes,
                             const QuerierShare& share) {
  const uint64_t own_bytes = share.Of(bytes);
  if (max_querier_bytes == 0 || own_bytes <= max_querier_bytes) return {};
  const std::string sizes = Sizes(own_bytes, max_querier_bytes);
  constexpr std::string_view kOrShorter = " or reduce the time range of the query";
  switch (share.cut) {
    case QuerierShare::Cut::kNever:
      break;
    case QuerierShare::Cut::kNotPossible:
      return ResourceExhausted("un-shardable query too large to execute on a single querier:" +
                               sizes + std::string(kOrShorter));
    case QuerierShare::Cut::kIntoShards:
      return ResourceExhausted("shard query is too large to execute on a single querier:" + sizes +
                               std::string(kOrShorter));
  }
  return ResourceExhausted("query too large to execute on a single querier:" + sizes +
                           ", reduce the time range of the query, or adjust parallelization "
                           "settings");
}

ByteLimitedSource::ByteLimitedSource(const Options& options, logql::LogSource& source)
    : options_(options), source_(source) {}

Result<model::StreamScans> ByteLimitedSource::Select(const model::ScanRequest& request,
                                                     model::ScanContext& context) {
  if (request.counted) return source_.Select(request, context);
  SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(request, context));
  uint64_t bytes = 0;
  for (const auto& scan : scans) {
    bytes += scan->estimated_bytes();
  }
  bytes += bytes_.fetch_add(bytes, std::memory_order_relaxed);
  SKALD_RETURN_IF_ERROR(CheckBytesRead(bytes, options_.max_query_bytes));
  SKALD_RETURN_IF_ERROR(CheckQuerierBytesRead(bytes, options_.max_querier_bytes, options_.share));
  return scans;
}

}  // namespace skald::querier

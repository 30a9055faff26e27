#include "querier/stream_source.h"

namespace skald::querier {

Result<logql::ScanForecast> StreamSource::Forecast(const model::ScanRequest& request) {
  SKALD_ASSIGN_OR_RETURN(const rpc::StreamStats stats,
                         Stats({request.tenant, request.matchers, request.range}));
  return logql::ScanForecast{
      .streams = stats.streams, .chunks = stats.chunks, .line_bytes = stats.bytes};
}

}  // namespace skald::querier

#include "querier/stream_source.h"

namespace skald::querier {

Result<logql::ScanForecast> StreamSource::Forecast(const model::ScanRequest& request,
                                                   const CancelToken& cancel) {
  SKALD_ASSIGN_OR_RETURN(const rpc::StreamStats stats,
                         Stats({request.tenant, request.matchers, request.range, cancel}));
  return logql::ScanForecast{
      .streams = stats.streams, .chunks = stats.chunks, .line_bytes = stats.bytes};
}

}  // namespace skald::querier

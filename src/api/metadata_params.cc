#include "api/metadata_params.h"

#include "api/request_limits.h"
#include "api/request_params.h"
#include "querier/query_tags.h"

namespace skald::api {

Result<querier::MetadataRequest> ReadMetadataRequest(const net::Request& request,
                                                     const net::Form& params,
                                                     const TenantAuth& auth,
                                                     bool per_request_limits, int64_t now_ns) {
  querier::MetadataRequest metadata;
  SKALD_ASSIGN_OR_RETURN(metadata.tenants, auth.ForRead(request));
  SKALD_ASSIGN_OR_RETURN(const TimeBounds bounds, ReadBounds(params, now_ns));
  metadata.cancel = request.cancel;
  metadata.start_ns = bounds.start_ns;
  metadata.end_ns = bounds.end_ns;
  metadata.internal_streams =
      querier::FromDrilldown(querier::ParseQueryTags(request.headers.Get("X-Query-Tags")));
  if (per_request_limits) {
    metadata.limits = ReadRequestLimits(request.headers);
  }
  return metadata;
}

}  // namespace skald::api

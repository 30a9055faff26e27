#pragma once

#include <cstdint>

#include "api/tenant_auth.h"
#include "net/http_types.h"
#include "querier/metadata_request.h"

namespace skald::api {

// Whose metadata is asked for, and of which time; with limits of the request's own if
// `per_request_limits`.
Result<querier::MetadataRequest> ReadMetadataRequest(const net::Request& request,
                                                     const net::Form& params,
                                                     const TenantAuth& auth,
                                                     bool per_request_limits, int64_t now_ns);

}  // namespace skald::api

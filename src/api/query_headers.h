#pragma once

#include "net/http_types.h"
#include "querier/query_request.h"

namespace skald::api {

// What a query's headers say besides its tenant: encoding flags, tags, the client, how long it has
// waited before it came here, and limits of the request's own if `per_request_limits`.
void ReadQueryHeaders(const net::Request& request, bool per_request_limits,
                      querier::QueryRequest& query);

}  // namespace skald::api

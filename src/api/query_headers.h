#pragma once

#include "net/http_types.h"
#include "querier/query_request.h"

namespace skald::api {

// What a query's headers say besides its tenant: encoding flags, tags, the client, and limits of
// the request's own if `per_request_limits`.
void ReadQueryHeaders(const net::Headers& headers, bool per_request_limits,
                      querier::QueryRequest& query);

}  // namespace skald::api

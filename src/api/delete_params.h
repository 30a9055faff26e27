#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "common/status.h"
#include "deletes/delete_request.h"
#include "net/http_types.h"

namespace skald::api {

// Readers of a delete request's parameters. All of them answer kInvalidArgument with the text that
// clients are shown.

// Unix seconds of exactly ten characters or an RFC 3339 time, in milliseconds since the epoch.
// `which` is "start" or "end", for the error.
Result<int64_t> ReadDeleteTime(std::string_view text, std::string_view which);

// `query`, `start`, `end` (now if left out) and `max_interval`; the tenant is the caller's to fill
// in. Requests with filters are cut into pieces of `max_interval`, or of their own if shorter.
Result<deletes::DeleteRequest> ReadDeleteRequest(const net::Form& params, int64_t now_ns,
                                                 std::chrono::nanoseconds max_interval);

}  // namespace skald::api

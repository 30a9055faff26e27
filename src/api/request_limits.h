#pragma once

#include <optional>

#include "net/http_types.h"
#include "querier/effective_limits.h"

namespace skald::api {

// What X-Loki-Query-Limits and X-Loki-Query-Limits-Context ask for; nothing if they are not there
// or not well-formed: they come from programs in between, and a query need not fail for them.
std::optional<querier::RequestLimits> ReadRequestLimits(const net::Headers& headers);

}  // namespace skald::api

#pragma once

#include <chrono>

#include "common/clock.h"
#include "net/router.h"

namespace skald::api {

// `handler`, with a line in the log for each request that took longer than `limit`: `slow query
// detected`, with the request's parameters. Zero: none.
net::Handler LogSlowQueries(std::chrono::nanoseconds limit, const Clock& clock,
                            net::Handler handler);

}  // namespace skald::api

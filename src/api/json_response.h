#pragma once

#include <string>

#include "net/http_types.h"

namespace skald::api {

// An answer of the query API: JSON, sent with gzip to clients that take it.
net::Response JsonResponse(std::string body, int status = 200);

}  // namespace skald::api

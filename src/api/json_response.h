#pragma once

#include <string>

#include "common/status.h"
#include "net/http_types.h"

namespace skald::api {

// An answer of the query API: JSON, sent with gzip to clients that take it.
net::Response JsonResponse(std::string body, int status = 200);

// The same of a body that may have failed; then the error as readers are told.
net::Response Answer(Result<std::string> body);

}  // namespace skald::api

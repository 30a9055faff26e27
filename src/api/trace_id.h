#pragma once

#include <string_view>

#include "net/http_types.h"

namespace skald::api {

// The trace that a request is part of, as its `traceparent` says (W3C Trace Context): 32
// hexadecimal digits, within `headers`. Empty if it says nothing, or nothing valid.
std::string_view TraceIdOf(const net::Headers& headers);

}  // namespace skald::api

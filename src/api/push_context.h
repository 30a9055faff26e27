#pragma once

#include <cstddef>
#include <string_view>

#include "distributor/distributor.h"
#include "net/http_types.h"

namespace skald::api {

// What the distributor wants to know of a push besides its entries, from its headers. `body_bytes`:
// of the body as it was sent.
// Ownership: the result refers to `request` and `format`.
distributor::PushContext PushContextOf(const net::Request& request, std::string_view format,
                                       size_t body_bytes);

}  // namespace skald::api

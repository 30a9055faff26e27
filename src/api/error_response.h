#pragma once

#include <string_view>

#include "common/status.h"
#include "net/http_types.h"

namespace skald::api {

// Which clients an endpoint speaks to: they know different statuses and forms of a text.
enum class Audience {
  kReader,  // Queries: the bare message.
  kWriter,  // Pushes, deletes, administration: the message and a newline.
};

// The HTTP status of an error: the one table for all endpoints.
int HttpStatusOf(StatusCode code, Audience audience);

// An error as plain text that browsers do not take for anything else.
net::Response ErrorResponse(const Status& status, Audience audience);
net::Response ErrorResponse(int http_status, std::string_view message, Audience audience);

}  // namespace skald::api

#pragma once

#include "common/status.h"
#include "net/http_types.h"

namespace skald::notify {

// Whether the server may take the same request later: there was no answer, or the status is 429 or
// one of 500 to 599.
bool IsWorthSendingAgain(const Result<net::Response>& result);

// OK for a status of 200 to 299; else kUnknown with status and the first line of the body.
Status FromAnswer(const Result<net::Response>& result);

}  // namespace skald::notify

#include "api/error_response.h"

#include <string>
#include <string_view>
#include <utility>

namespace skald::api {
namespace {

constexpr std::string_view kTimedOut =
    "request timed out, decrease the duration of the request or add more label matchers (prefer "
    "exact match over regex match) to reduce the amount of data processed";

}  // namespace

int HttpStatusOf(StatusCode code, Audience audience) {
  const bool writer = audience == Audience::kWriter;
  switch (code) {
    case StatusCode::kOk:
      return 200;
    case StatusCode::kCancelled:
      return 499;  // The client has closed the request: nginx' number.
    case StatusCode::kInvalidArgument:
    case StatusCode::kOutOfRange:
      return 400;
    case StatusCode::kUnauthenticated:
      return 401;
    case StatusCode::kPermissionDenied:
      return 403;
    case StatusCode::kNotFound:
      return 404;
    case StatusCode::kFailedPrecondition:
      return writer ? 422 : 429;  // A push without streams; querying switched off.
    case StatusCode::kResourceExhausted:
      return writer ? 429 : 400;  // A rate, try later; a limit, ask for less.
    case StatusCode::kUnavailable:
      return 503;
    case StatusCode::kDeadlineExceeded:
      return 504;
    case StatusCode::kUnknown:
    case StatusCode::kAlreadyExists:
    case StatusCode::kAborted:
    case StatusCode::kUnimplemented:
    case StatusCode::kInternal:
    case StatusCode::kDataLoss:
      return 500;
  }
  return 500;
}

net::Response ErrorResponse(const Status& status, Audience audience) {
  const bool timed_out =
      status.code() == StatusCode::kDeadlineExceeded && audience == Audience::kReader;
  // A missing tenant is told in the same words everywhere.
  const bool unauthenticated = status.code() == StatusCode::kUnauthenticated;
  return ErrorResponse(HttpStatusOf(status.code(), audience),
                       timed_out ? kTimedOut : status.message(),
                       unauthenticated ? Audience::kWriter : audience);
}

net::Response ErrorResponse(int http_status, std::string_view message, Audience audience) {
  std::string text(message);
  if (audience == Audience::kWriter) {
    text.push_back('\n');
  }
  return net::TextResponse(http_status, std::move(text));
}

}  // namespace skald::api

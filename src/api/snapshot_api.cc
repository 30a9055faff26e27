#include "api/snapshot_api.h"

#include <utility>

#include "api/error_response.h"
#include "api/json_response.h"

namespace skald::api {

net::Response SnapshotApi::Take(net::Request& request) {
  const auto params = net::ParseForm(request);
  if (!params.ok()) return ErrorResponse(params.status(), Audience::kWriter);
  Result<std::string> made = control_.Take(std::string(params->Get("name")));
  if (made.ok()) return JsonResponse(*std::move(made));
  switch (made.status().code()) {
    case StatusCode::kAlreadyExists:
      return ErrorResponse(409, made.status().message(), Audience::kWriter);
    case StatusCode::kResourceExhausted:
      return ErrorResponse(507, made.status().message(), Audience::kWriter);
    default:
      return ErrorResponse(made.status(), Audience::kWriter);
  }
}

}  // namespace skald::api

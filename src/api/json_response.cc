#include "api/json_response.h"

#include <utility>

#include "api/error_response.h"

namespace skald::api {

net::Response JsonResponse(std::string body, int status) {
  net::Response response =
      net::MakeResponse(status, "application/json; charset=UTF-8", std::move(body));
  response.compressible = true;
  return response;
}

net::Response Answer(Result<std::string> body) {
  return body.ok() ? JsonResponse(*std::move(body))
                   : ErrorResponse(body.status(), Audience::kReader);
}

}  // namespace skald::api

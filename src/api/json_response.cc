#include "api/json_response.h"

#include <utility>

namespace skald::api {

net::Response JsonResponse(std::string body, int status) {
  net::Response response =
      net::MakeResponse(status, "application/json; charset=UTF-8", std::move(body));
  response.compressible = true;
  return response;
}

}  // namespace skald::api

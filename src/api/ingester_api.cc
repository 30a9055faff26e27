#include "api/ingester_api.h"

#include <string>
#include <string_view>

#include "api/error_response.h"

namespace skald::api {
namespace {

// Sets `value` by the parameter, if it is there. kInvalidArgument names it.
Status ReadFlag(const net::Form& params, std::string_view name, bool& value) {
  const std::string_view text = params.Get(name);
  if (text.empty()) {
    return {};
  }
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) {
      value = true;
      return {};
    }
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) {
      value = false;
      return {};
    }
  }
  return InvalidArgument("invalid value for " + std::string(name) + ": \"" + std::string(text) +
                         "\" is neither true nor false");
}

Result<IngesterControl::Shutdown> ReadShutdown(const net::Request& request) {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  IngesterControl::Shutdown how;
  SKALD_RETURN_IF_ERROR(ReadFlag(params, "flush", how.flush));
  SKALD_RETURN_IF_ERROR(ReadFlag(params, "delete_ring_tokens", how.delete_ring_tokens));
  SKALD_RETURN_IF_ERROR(ReadFlag(params, "terminate", how.terminate));
  return how;
}

}  // namespace

net::Response IngesterApi::Shutdown(net::Request& request) {
  const auto how = ReadShutdown(request);
  if (!how.ok()) {
    return ErrorResponse(how.status(), Audience::kWriter);
  }
  if (const Status status = control_.ShutDown(*how); !status.ok()) {
    return ErrorResponse(status.code() == StatusCode::kUnavailable ? 503 : 500, status.message(),
                         Audience::kWriter);
  }
  return net::Response{.status = 204};
}

net::Response IngesterApi::PrepareShutdown(net::Request& request) {
  Status status;
  if (request.method == "GET") {
    const Result<bool> prepared = control_.IsPrepared();
    if (prepared.ok()) {
      return net::TextResponse(200, *prepared ? "set\n" : "unset\n");
    }
    status = prepared.status();
  } else {
    status = request.method == "POST" ? control_.Prepare() : control_.Unprepare();
  }
  return status.ok() ? net::Response{.status = 204}
                     : ErrorResponse(500, status.message(), Audience::kWriter);
}

net::Response IngesterApi::PreparePartitionDownscale(net::Request&) {
  return net::Response{.status = 405};
}

}  // namespace skald::api

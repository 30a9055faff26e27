#pragma once

#include <memory>
#include <string_view>

#include "common/status.h"
#include "net/server_options.h"

namespace grpc {
class ServerCredentials;
}

namespace skald::net {

// What a listener of gRPC is opened with: TLS if there is a certificate, otherwise clear text. The
// files are read here, once. kInvalidArgument, naming the setting, for what does not fit together
// or cannot be read.
Result<std::shared_ptr<grpc::ServerCredentials>> MakeGrpcCredentials(const TlsOptions& options);

// What HTTP would call the outcome of a call, a grpc::StatusCode: 401 for UNAUTHENTICATED, and so
// on.
int HttpStatusOfGrpc(int code);

}  // namespace skald::net

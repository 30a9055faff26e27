#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "net/server_options.h"

namespace grpc {
class ServerCredentials;
}

namespace skald::net {

// What a listener of gRPC is opened with: TLS if there is a certificate, otherwise clear text.
// Files that change are read again, and hold for connections made a little later (TlsReload); not
// so where clients show certificates that nobody verifies. What is returned must outlive the
// server. kInvalidArgument, naming the setting, for what does not fit together or cannot be read.
Result<std::shared_ptr<grpc::ServerCredentials>> MakeGrpcCredentials(const TlsOptions& options);

// Has gRPC take only what `server.tls_min_version` and `server.tls_cipher_suites` allow, as far as
// its library can be told. It can for the whole process alone, through the environment, which it
// reads when TLS is first used. Settings in error are passed over.
// Requires: the process has no other threads yet.
void LimitGrpcTls(std::string_view min_version, std::string_view cipher_suites);
// What of these and of its own settings gRPC does not keep to: a line for each, which begins with
// its name.
std::vector<std::string> UnmetByGrpc(const TlsOptions& tls, std::string_view min_version,
                                     std::string_view cipher_suites);

// What HTTP would call the outcome of a call, a grpc::StatusCode: 401 for UNAUTHENTICATED, and so
// on.
int HttpStatusOfGrpc(int code);

}  // namespace skald::net

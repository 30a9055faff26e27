#include "net/grpc_credentials.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/support/status.h>

#include <string>
#include <utility>

#include "net/tls_options.h"

namespace skald::net {
namespace {

constexpr std::string_view kSetting = "server.grpc_tls_config";

grpc_ssl_client_certificate_request_type ToGrpc(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::kNone:
      return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    case ClientAuth::kRequest:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_BUT_DONT_VERIFY;
    case ClientAuth::kRequireAny:
      return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY;
    case ClientAuth::kVerifyIfGiven:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientAuth::kRequireAndVerify:
      return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
}

// What the file of `key`, a setting of gRPC's TLS, holds.
Result<std::string> ReadFile(std::string_view key, const std::string& path) {
  return ReadPem(std::string(kSetting).append(".").append(key), path);
}

}  // namespace

Result<std::shared_ptr<grpc::ServerCredentials>> MakeGrpcCredentials(const TlsOptions& options) {
  SKALD_ASSIGN_OR_RETURN(const ClientAuth auth, CheckTlsOptions(options, kSetting));
  if (options.cert_file.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls(ToGrpc(auth));
  grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
  SKALD_ASSIGN_OR_RETURN(pair.cert_chain, ReadFile("cert_file", options.cert_file));
  SKALD_ASSIGN_OR_RETURN(pair.private_key, ReadFile("key_file", options.key_file));
  if (!options.client_ca_file.empty()) {
    SKALD_ASSIGN_OR_RETURN(tls.pem_root_certs, ReadFile("client_ca_file", options.client_ca_file));
  }
  tls.pem_key_cert_pairs.push_back(std::move(pair));
  return grpc::SslServerCredentials(tls);
}

int HttpStatusOfGrpc(int code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return 200;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
      return 400;
    case grpc::StatusCode::UNAUTHENTICATED:
      return 401;
    case grpc::StatusCode::PERMISSION_DENIED:
      return 403;
    case grpc::StatusCode::NOT_FOUND:
      return 404;
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::ABORTED:
      return 409;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return 429;
    case grpc::StatusCode::CANCELLED:
      return 499;
    case grpc::StatusCode::UNIMPLEMENTED:
      return 501;
    case grpc::StatusCode::UNAVAILABLE:
      return 503;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return 504;
    default:
      return 500;
  }
}

}  // namespace skald::net

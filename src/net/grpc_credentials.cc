#include "net/grpc_credentials.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/support/status.h>

#include <fstream>
#include <iterator>
#include <string>

namespace skald::net {
namespace {

struct ClientAuth {
  std::string_view name;
  grpc_ssl_client_certificate_request_type type;
  bool verifies;
};

constexpr ClientAuth kClientAuths[] = {
    {"NoClientCert", GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE, false},
    {"RequestClientCert", GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_BUT_DONT_VERIFY, false},
    {"RequireAnyClientCert", GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY,
     false},
    {"VerifyClientCertIfGiven", GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY, true},
    {"RequireAndVerifyClientCert", GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY,
     true},
};

Result<ClientAuth> ReadClientAuth(const GrpcTlsOptions& options) {
  if (options.client_auth_type.empty()) return kClientAuths[0];
  for (const ClientAuth& auth : kClientAuths) {
    if (auth.name == options.client_auth_type) return auth;
  }
  return InvalidArgument("server.grpc_tls_config.client_auth_type: unknown type '" +
                         options.client_auth_type +
                         "', expected one of NoClientCert, RequestClientCert, "
                         "RequireAnyClientCert, VerifyClientCertIfGiven, "
                         "RequireAndVerifyClientCert");
}

// The text of a file of certificates or of a key, in PEM.
Result<std::string> ReadPem(std::string_view setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string name = "server.grpc_tls_config." + std::string(setting);
  if (!file.is_open() || file.bad()) return InvalidArgument(name + ": cannot read " + path);
  if (text.find("-----BEGIN ") == std::string::npos) {
    return InvalidArgument(name + ": " + path + " holds nothing in PEM");
  }
  return text;
}

}  // namespace

Result<std::shared_ptr<grpc::ServerCredentials>> MakeGrpcCredentials(
    const GrpcTlsOptions& options) {
  SKALD_ASSIGN_OR_RETURN(const ClientAuth auth, ReadClientAuth(options));
  if (options.cert_file.empty() && options.key_file.empty()) {
    if (options.client_auth_type.empty() && options.client_ca_file.empty()) {
      return grpc::InsecureServerCredentials();
    }
    return InvalidArgument(
        "server.grpc_tls_config: clients can be known by certificates only with TLS; set "
        "cert_file and key_file");
  }
  if (options.cert_file.empty() || options.key_file.empty()) {
    return InvalidArgument("server.grpc_tls_config: cert_file and key_file go together");
  }
  if (auth.verifies && options.client_ca_file.empty()) {
    return InvalidArgument("server.grpc_tls_config.client_ca_file: " + options.client_auth_type +
                           " needs it");
  }
  if (!auth.verifies && !options.client_ca_file.empty()) {
    return InvalidArgument(
        "server.grpc_tls_config.client_ca_file: nothing is verified by it unless client_auth_type "
        "is VerifyClientCertIfGiven or RequireAndVerifyClientCert");
  }
  grpc::SslServerCredentialsOptions tls(auth.type);
  grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
  SKALD_ASSIGN_OR_RETURN(pair.cert_chain, ReadPem("cert_file", options.cert_file));
  SKALD_ASSIGN_OR_RETURN(pair.private_key, ReadPem("key_file", options.key_file));
  if (!options.client_ca_file.empty()) {
    SKALD_ASSIGN_OR_RETURN(tls.pem_root_certs, ReadPem("client_ca_file", options.client_ca_file));
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

#include "net/grpc_credentials.h"

#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/support/status.h>

#include <cstdlib>
#include <utility>

#include "common/executor.h"
#include "common/mutex.h"
#include "net/tls_certificate.h"
#include "net/tls_options.h"
#include "net/tls_reload.h"
#include "net/tls_versions.h"

namespace skald::net {
namespace {

constexpr std::string_view kSetting = "server.grpc_tls_config";
constexpr std::string_view kNewestVersion = "VersionTLS13";

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

// Whether gRPC can be given a new certificate while it serves. It then wants authorities in any
// case, and tells clients that are asked for certificates to show one of theirs: where any will do,
// clients would show none.
bool CanReload(ClientAuth auth) { return auth == ClientAuth::kNone || Verifies(auth); }

std::shared_ptr<grpc::ServerCredentials> FixedCredentials(ClientAuth auth,
                                                          const TlsCertificate& certificate) {
  grpc::SslServerCredentialsOptions tls(ToGrpc(auth));
  tls.pem_key_cert_pairs.push_back(
      {.private_key = certificate.key.text, .cert_chain = certificate.chain.text});
  return grpc::SslServerCredentials(tls);
}

// TLS of a server that asks for its certificate at each connection.
class ReloadedCredentials final : public grpc::ServerCredentials {
 public:
  ReloadedCredentials(const TlsOptions& options, ClientAuth auth, const TlsCertificate& in_force)
      : certificate_(in_force),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(ToGrpc(auth), Fetch,
                                                                            this))),
        reload_(options, kSetting, in_force,
                [this](const TlsCertificate& certificate) { return Use(certificate); }),
        watch_("grpc-tls-files", TlsReload::kPeriod, [this] { reload_.Look(); }) {}
  ~ReloadedCredentials() override { grpc_server_credentials_release(credentials_); }

  // Who calls is looked at by the methods themselves.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  Status Use(const TlsCertificate& certificate) SKALD_EXCLUDES(mutex_) {
    SKALD_RETURN_IF_ERROR(CheckTlsCertificate(certificate));
    MutexLock lock(mutex_);
    certificate_ = certificate;
    fetched_ = false;
    return {};
  }

  // Called by the library, at each connection.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<ReloadedCredentials*>(self)->Fetch(config);
  }
  grpc_ssl_certificate_config_reload_status Fetch(grpc_ssl_server_certificate_config** config)
      SKALD_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (fetched_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {.private_key = certificate_.key.text.c_str(),
                                             .cert_chain = certificate_.chain.text.c_str()};
    // Where no client is asked for a certificate, any authority will do.
    const PemText& authorities =
        certificate_.client_ca.text.empty() ? certificate_.chain : certificate_.client_ca;
    *config = grpc_ssl_server_certificate_config_create(authorities.text.c_str(), &pair, 1);
    fetched_ = true;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  Mutex mutex_;
  TlsCertificate certificate_ SKALD_GUARDED_BY(mutex_);
  bool fetched_ SKALD_GUARDED_BY(mutex_) = false;
  grpc_server_credentials* const credentials_;
  TlsReload reload_;
  PeriodicTask watch_;  // Last: its thread uses the above.
};

// The environment variable by which gRPC is told the ciphers of TLS up to 1.2.
constexpr char kCiphersVariable[] = "GRPC_SSL_CIPHER_SUITES";
// A cipher that no server with a certificate agrees on: gRPC can be told no oldest version, but
// with this one for all, TLS 1.2 comes to nothing.
constexpr char kNoOlderCipher[] = "PSK-AES128-GCM-SHA256";

}  // namespace

Result<std::shared_ptr<grpc::ServerCredentials>> MakeGrpcCredentials(const TlsOptions& options) {
  SKALD_ASSIGN_OR_RETURN(const ClientAuth auth, CheckTlsOptions(options, kSetting));
  if (!options.enabled()) return grpc::InsecureServerCredentials();
  SKALD_ASSIGN_OR_RETURN(const TlsCertificate certificate, ReadTlsCertificate(options, kSetting));
  SKALD_RETURN_IF_ERROR(CheckTlsCertificate(certificate));
  if (!CanReload(auth)) return FixedCredentials(auth, certificate);
  return std::shared_ptr<grpc::ServerCredentials>(
      std::make_shared<ReloadedCredentials>(options, auth, certificate));
}

void LimitGrpcTls(std::string_view min_version, std::string_view cipher_suites) {
  const Result<CipherSuites> suites = ReadCipherSuites(cipher_suites);
  std::string ciphers = suites.ok() ? suites->older : std::string();
  if (min_version == kNewestVersion) ciphers = kNoOlderCipher;
  if (!ciphers.empty()) setenv(kCiphersVariable, ciphers.c_str(), 1);
}

std::vector<std::string> UnmetByGrpc(const TlsOptions& tls, std::string_view min_version,
                                     std::string_view cipher_suites) {
  if (!tls.enabled()) return {};
  std::vector<std::string> unmet;
  const Result<ClientAuth> auth = CheckTlsOptions(tls, kSetting);
  if (auth.ok() && !CanReload(*auth)) {
    unmet.push_back(std::string(kSetting) + ".client_auth_type: with " + tls.client_auth_type +
                    ", gRPC serves a certificate that is replaced only after a restart");
  }
  if (min_version == "VersionTLS10" || min_version == "VersionTLS11") {
    unmet.push_back("server.tls_min_version: " + std::string(min_version) +
                    " holds for HTTP alone; gRPC takes TLS 1.2 and later");
  }
  const Result<CipherSuites> suites = ReadCipherSuites(cipher_suites);
  if (suites.ok() && !suites->recent.empty()) {
    unmet.push_back("server.tls_cipher_suites: those of TLS 1.3 (" + suites->recent +
                    ") hold for HTTP alone; gRPC takes all of them");
  }
  return unmet;
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

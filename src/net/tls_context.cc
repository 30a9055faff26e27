#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/split.h"
#include "net/tls_options.h"

namespace skald::net {
namespace {

constexpr std::string_view kSetting = "server.http_tls_config";
constexpr std::string_view kHttp11 = "\x08http/1.1";  // As ALPN writes it.

struct NamedVersion {
  std::string_view name;
  int version;
};

constexpr NamedVersion kVersions[] = {
    {"", TLS1_2_VERSION},
    {"VersionTLS10", TLS1_VERSION},
    {"VersionTLS11", TLS1_1_VERSION},
    {"VersionTLS12", TLS1_2_VERSION},
    {"VersionTLS13", TLS1_3_VERSION},
};

// The setting of `key`, its file and what OpenSSL says of it.
Status FileError(std::string_view key, const std::string& path) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return InvalidArgument(std::string(kSetting) + "." + std::string(key) + ": " + path + ": " +
                         (reason == nullptr ? "cannot be used" : reason));
}

Status CheckFile(std::string_view key, const std::string& path) {
  return ReadPem(std::string(kSetting) + "." + std::string(key), path).status();
}

Status UseCertificate(SSL_CTX* context, const TlsOptions& tls) {
  SKALD_RETURN_IF_ERROR(CheckFile("cert_file", tls.cert_file));
  SKALD_RETURN_IF_ERROR(CheckFile("key_file", tls.key_file));
  if (SSL_CTX_use_certificate_chain_file(context, tls.cert_file.c_str()) != 1) {
    return FileError("cert_file", tls.cert_file);
  }
  // Also says whether the key is the certificate's.
  if (SSL_CTX_use_PrivateKey_file(context, tls.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return FileError("key_file", tls.key_file);
  }
  return {};
}

// Go's RequestClientCert and RequireAnyClientCert: whatever is shown will do.
int TakeAnyCertificate(int, X509_STORE_CTX*) { return 1; }

Status UseClientAuth(SSL_CTX* context, const TlsOptions& tls, ClientAuth auth) {
  if (auth == ClientAuth::kNone) return {};
  const bool required = auth == ClientAuth::kRequireAny || auth == ClientAuth::kRequireAndVerify;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     Verifies(auth) ? nullptr : TakeAnyCertificate);
  if (!Verifies(auth)) return {};
  SKALD_RETURN_IF_ERROR(CheckFile("client_ca_file", tls.client_ca_file));
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(tls.client_ca_file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, tls.client_ca_file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return FileError("client_ca_file", tls.client_ca_file);
  }
  SSL_CTX_set_client_CA_list(context, names);
  return {};
}

Status UseMinVersion(SSL_CTX* context, const std::string& name) {
  for (const NamedVersion& known : kVersions) {
    if (known.name == name) {
      SSL_CTX_set_min_proto_version(context, known.version);
      return {};
    }
  }
  return InvalidArgument("server.tls_min_version: unknown version '" + name +
                         "', expected one of VersionTLS10, VersionTLS11, VersionTLS12, "
                         "VersionTLS13");
}

Status UseCipherSuites(SSL_CTX* context, const std::string& names) {
  std::string older;   // Of TLS up to 1.2, by OpenSSL's names.
  std::string recent;  // Of TLS 1.3, whose names are everyone's.
  for (const std::string_view part : SplitAtCommas(names)) {
    const std::string name(part);
    const std::string_view openssl_name = OPENSSL_cipher_name(name.c_str());
    if (openssl_name == "(NONE)") {
      return InvalidArgument("server.tls_cipher_suites: unknown suite '" + name +
                             "', expected names as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    }
    std::string& list = openssl_name == name ? recent : older;
    list.append(list.empty() ? "" : ":").append(openssl_name);
  }
  if ((!older.empty() && SSL_CTX_set_cipher_list(context, older.c_str()) != 1) ||
      (!recent.empty() && SSL_CTX_set_ciphersuites(context, recent.c_str()) != 1)) {
    ERR_clear_error();
    return InvalidArgument("server.tls_cipher_suites: OpenSSL offers none of '" + names + "'");
  }
  return {};
}

// Tells a client that would also speak HTTP/2 what it gets.
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  const auto* ours = reinterpret_cast<const unsigned char*>(kHttp11.data());
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, static_cast<unsigned>(kHttp11.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

struct TlsContext::Rep {
  ~Rep() { SSL_CTX_free(context); }

  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
};

TlsContext::TlsContext(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}

TlsContext::~TlsContext() = default;

Result<std::unique_ptr<const TlsContext>> TlsContext::Open(const HttpServerOptions& options) {
  SKALD_ASSIGN_OR_RETURN(const ClientAuth auth, CheckTlsOptions(options.tls, kSetting));
  if (options.tls.cert_file.empty()) return std::unique_ptr<const TlsContext>();
  auto rep = std::make_unique<Rep>();
  SSL_CTX* context = rep->context;
  // A write may take a part and go on from another buffer, as one to a socket may.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  // Without one, clients that have shown a certificate could not resume their sessions.
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("skald"), 5);
  SKALD_RETURN_IF_ERROR(UseMinVersion(context, options.tls_min_version));
  SKALD_RETURN_IF_ERROR(UseCipherSuites(context, options.tls_cipher_suites));
  SKALD_RETURN_IF_ERROR(UseCertificate(context, options.tls));
  SKALD_RETURN_IF_ERROR(UseClientAuth(context, options.tls, auth));
  return std::unique_ptr<const TlsContext>(new TlsContext(std::move(rep)));
}

std::unique_ptr<TlsStream> TlsContext::Accept(int fd) const {
  SSL* ssl = SSL_new(rep_->context);
  SSL_set_fd(ssl, fd);
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsStream>(ssl, fd);
}

}  // namespace skald::net

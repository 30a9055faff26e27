#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/executor.h"
#include "common/mutex.h"
#include "net/tls_certificate.h"
#include "net/tls_options.h"
#include "net/tls_reload.h"
#include "net/tls_versions.h"

namespace skald::net {
namespace {

constexpr std::string_view kSetting = "server.http_tls_config";
constexpr std::string_view kHttp11 = "\x08http/1.1";  // As ALPN writes it.

// Go's RequestClientCert and RequireAnyClientCert: whatever is shown will do.
int TakeAnyCertificate(int, X509_STORE_CTX*) { return 1; }

void UseClientAuth(SSL_CTX* context, ClientAuth auth) {
  if (auth == ClientAuth::kNone) return;
  const bool required = auth == ClientAuth::kRequireAny || auth == ClientAuth::kRequireAndVerify;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     Verifies(auth) ? nullptr : TakeAnyCertificate);
}

Status UseCipherSuites(SSL_CTX* context, const std::string& names) {
  SKALD_ASSIGN_OR_RETURN(const CipherSuites suites, ReadCipherSuites(names));
  if ((!suites.older.empty() && SSL_CTX_set_cipher_list(context, suites.older.c_str()) != 1) ||
      (!suites.recent.empty() && SSL_CTX_set_ciphersuites(context, suites.recent.c_str()) != 1)) {
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

using ContextPtr = std::shared_ptr<SSL_CTX>;

Result<ContextPtr> MakeContext(const HttpServerOptions& options, ClientAuth auth,
                               const TlsCertificate& certificate) {
  const ContextPtr made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX* context = made.get();
  // A write may take a part and go on from another buffer, as one to a socket may.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  // Without one, clients that have shown a certificate could not resume their sessions.
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("skald"), 5);
  SKALD_ASSIGN_OR_RETURN(const int min_version, ReadTlsVersion(options.tls_min_version));
  SSL_CTX_set_min_proto_version(context, min_version);
  SKALD_RETURN_IF_ERROR(UseCipherSuites(context, options.tls_cipher_suites));
  SKALD_RETURN_IF_ERROR(UseTlsCertificate(certificate, context));
  UseClientAuth(context, auth);
  return made;
}

}  // namespace

struct TlsContext::Rep {
  Rep(const HttpServerOptions& o, ClientAuth a, const TlsCertificate& in_force, ContextPtr made)
      : options(o),
        auth(a),
        context(std::move(made)),
        reload(options.tls, kSetting, in_force,
               [this](const TlsCertificate& certificate) { return Use(certificate); }),
        watch("tls-files", TlsReload::kPeriod, [this] { reload.Look(); }) {}

  Status Use(const TlsCertificate& certificate) SKALD_EXCLUDES(mutex) {
    SKALD_ASSIGN_OR_RETURN(ContextPtr made, MakeContext(options, auth, certificate));
    MutexLock lock(mutex);
    context = std::move(made);
    return {};
  }

  const HttpServerOptions options;
  const ClientAuth auth;
  Mutex mutex;
  ContextPtr context SKALD_GUARDED_BY(mutex);  // Of connections to come.
  TlsReload reload;
  PeriodicTask watch;  // Last: its thread uses the above.
};

TlsContext::TlsContext(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}

TlsContext::~TlsContext() = default;

Result<std::unique_ptr<const TlsContext>> TlsContext::Open(const HttpServerOptions& options) {
  SKALD_ASSIGN_OR_RETURN(const ClientAuth auth, CheckTlsOptions(options.tls, kSetting));
  if (!options.tls.enabled()) return std::unique_ptr<const TlsContext>();
  SKALD_ASSIGN_OR_RETURN(const TlsCertificate certificate,
                         ReadTlsCertificate(options.tls, kSetting));
  SKALD_ASSIGN_OR_RETURN(ContextPtr made, MakeContext(options, auth, certificate));
  return std::unique_ptr<const TlsContext>(
      new TlsContext(std::make_unique<Rep>(options, auth, certificate, std::move(made))));
}

std::unique_ptr<TlsStream> TlsContext::Accept(int fd) const {
  ContextPtr context;
  {
    MutexLock lock(rep_->mutex);
    context = rep_->context;
  }
  SSL* ssl = SSL_new(context.get());  // Keeps the context for itself.
  SSL_set_fd(ssl, fd);
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsStream>(ssl, fd);
}

}  // namespace skald::net

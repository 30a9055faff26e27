#include "net/tls_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace skald::net {
namespace {

template <auto kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

// What OpenSSL says of `pem`.
Status Refused(const PemText& pem) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return InvalidArgument(pem.origin + ": " + (reason == nullptr ? "cannot be used" : reason));
}

Result<PemText> ReadPem(const std::string& setting, std::string_view key, const std::string& text,
                        const std::string& path) {
  PemText pem{.origin = setting + "." + std::string(key), .text = text};
  if (text.empty()) {
    pem.origin += "_file";
    std::ifstream file(path, std::ios::binary);
    pem.text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (!file.is_open() || file.bad()) return InvalidArgument(pem.origin + ": cannot read " + path);
    pem.origin += ": " + path;
  }
  if (pem.text.find("-----BEGIN ") == std::string::npos) {
    return InvalidArgument(pem.origin + " holds nothing in PEM");
  }
  return pem;
}

BioPtr Open(const PemText& pem) {
  return BioPtr(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
}

// All certificates of a text, at least one.
Result<std::vector<X509Ptr>> ReadCertificates(const PemText& pem) {
  ERR_clear_error();
  const BioPtr bio = Open(pem);
  std::vector<X509Ptr> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end || certificates.empty()) return Refused(pem);
  ERR_clear_error();
  return certificates;
}

// A key that needs one is refused; without this, OpenSSL would ask on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

Status UseKey(const PemText& pem, SSL_CTX* context) {
  ERR_clear_error();
  const KeyPtr key(PEM_read_bio_PrivateKey(Open(pem).get(), nullptr, NoPassword, nullptr));
  // The second also says whether the key is the certificate's.
  if (key == nullptr || SSL_CTX_use_PrivateKey(context, key.get()) != 1) return Refused(pem);
  return {};
}

Status UseChain(const PemText& pem, SSL_CTX* context) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<X509Ptr> chain, ReadCertificates(pem));
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) return Refused(pem);
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) return Refused(pem);
  }
  return {};
}

Status UseClientCa(const PemText& pem, SSL_CTX* context) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<X509Ptr> authorities, ReadCertificates(pem));
  for (const X509Ptr& authority : authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return Refused(pem);
    }
  }
  return {};
}

}  // namespace

Result<TlsCertificate> ReadTlsCertificate(const TlsOptions& options, std::string_view setting) {
  const std::string prefix(setting);
  TlsCertificate read;
  SKALD_ASSIGN_OR_RETURN(read.chain, ReadPem(prefix, "cert", options.cert, options.cert_file));
  SKALD_ASSIGN_OR_RETURN(read.key, ReadPem(prefix, "key", options.key, options.key_file));
  if (!options.client_ca.empty() || !options.client_ca_file.empty()) {
    SKALD_ASSIGN_OR_RETURN(read.client_ca,
                           ReadPem(prefix, "client_ca", options.client_ca, options.client_ca_file));
  }
  return read;
}

Status UseTlsCertificate(const TlsCertificate& certificate, ssl_ctx_st* context) {
  SKALD_RETURN_IF_ERROR(UseChain(certificate.chain, context));
  SKALD_RETURN_IF_ERROR(UseKey(certificate.key, context));
  return certificate.client_ca.text.empty() ? Status()
                                            : UseClientCa(certificate.client_ca, context);
}

Status CheckTlsCertificate(const TlsCertificate& certificate) {
  const ContextPtr context(SSL_CTX_new(TLS_server_method()));
  return UseTlsCertificate(certificate, context.get());
}

}  // namespace skald::net

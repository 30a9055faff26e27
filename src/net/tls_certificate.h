#pragma once

#include <string>
#include <string_view>

#include "common/status.h"
#include "net/server_options.h"

struct ssl_ctx_st;

namespace skald::net {

// A text in PEM, and what messages call it: "server.http_tls_config.cert_file: /etc/skald.pem".
struct PemText {
  std::string origin;
  std::string text;

  bool operator==(const PemText&) const = default;
};

// What a server shows of itself over TLS, and verifies its clients by.
struct TlsCertificate {
  PemText chain;  // Its own certificate first.
  PemText key;
  PemText client_ca;  // No text: clients are not verified.

  bool operator==(const TlsCertificate&) const = default;
};

// Reads the files that `options` name, or takes their texts. `setting` is where the options are
// set, as "server.http_tls_config". kInvalidArgument, which begins with the setting and names the
// file, if one cannot be read or holds nothing in PEM. Requires: CheckTlsOptions has passed, with a
// certificate.
Result<TlsCertificate> ReadTlsCertificate(const TlsOptions& options, std::string_view setting);

// Puts a certificate into a context of OpenSSL that has none. kInvalidArgument, with the origin,
// for what OpenSSL does not take, as a key of another certificate.
Status UseTlsCertificate(const TlsCertificate& certificate, ssl_ctx_st* context);

// What UseTlsCertificate would say.
Status CheckTlsCertificate(const TlsCertificate& certificate);

}  // namespace skald::net

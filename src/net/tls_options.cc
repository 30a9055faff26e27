#include "net/tls_options.h"

#include <string>

namespace skald::net {
namespace {

struct NamedClientAuth {
  std::string_view name;
  ClientAuth auth;
};

constexpr NamedClientAuth kClientAuths[] = {
    {"", ClientAuth::kNone},
    {"NoClientCert", ClientAuth::kNone},
    {"RequestClientCert", ClientAuth::kRequest},
    {"RequireAnyClientCert", ClientAuth::kRequireAny},
    {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
    {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify},
};

Result<ClientAuth> ReadClientAuth(std::string_view name) {
  for (const NamedClientAuth& known : kClientAuths) {
    if (known.name == name) return known.auth;
  }
  return InvalidArgument("client_auth_type: unknown type '" + std::string(name) +
                         "', expected one of NoClientCert, RequestClientCert, "
                         "RequireAnyClientCert, VerifyClientCertIfGiven, "
                         "RequireAndVerifyClientCert");
}

// A text and a file of one thing, of which at most one may be set.
Status CheckSource(const std::string& text, const std::string& file, const std::string& key) {
  if (text.empty() || file.empty()) return {};
  return InvalidArgument(key + ": " + key + " and " + key + "_file say the same; set one of them");
}

// Whether clients' certificates and what verifies them go together.
Status CheckClientCa(const TlsOptions& options, ClientAuth auth) {
  const bool given = !options.client_ca_file.empty() || !options.client_ca.empty();
  if (given == Verifies(auth)) return {};
  return InvalidArgument(given ? "client_ca_file: nothing is verified by it unless "
                                 "client_auth_type is VerifyClientCertIfGiven or "
                                 "RequireAndVerifyClientCert"
                               : "client_ca_file: " + options.client_auth_type + " needs it");
}

}  // namespace

bool Verifies(ClientAuth auth) {
  return auth == ClientAuth::kVerifyIfGiven || auth == ClientAuth::kRequireAndVerify;
}

Result<ClientAuth> CheckTlsOptions(const TlsOptions& options, std::string_view setting) {
  const std::string prefix(setting);
  Result<ClientAuth> auth = ReadClientAuth(options.client_auth_type);
  if (!auth.ok()) {
    return InvalidArgument(prefix + "." + std::string(auth.status().message()));
  }
  for (const Status& source :
       {CheckSource(options.cert, options.cert_file, "cert"),
        CheckSource(options.key, options.key_file, "key"),
        CheckSource(options.client_ca, options.client_ca_file, "client_ca")}) {
    if (!source.ok()) return InvalidArgument(prefix + "." + std::string(source.message()));
  }
  const bool has_key = !options.key_file.empty() || !options.key.empty();
  if (!options.enabled() && !has_key) {
    if (options == TlsOptions()) return ClientAuth::kNone;
    return InvalidArgument(prefix +
                           ": clients can be known by certificates only with TLS; set cert_file "
                           "and key_file");
  }
  if (options.enabled() != has_key) {
    return InvalidArgument(prefix + ": cert_file and key_file go together");
  }
  if (const Status ca = CheckClientCa(options, *auth); !ca.ok()) {
    return InvalidArgument(prefix + "." + std::string(ca.message()));
  }
  return auth;
}

}  // namespace skald::net

#include "net/tls_options.h"

#include <fstream>
#include <iterator>

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
  if (options.cert_file.empty() && options.key_file.empty()) {
    if (options == TlsOptions()) return ClientAuth::kNone;
    return InvalidArgument(prefix +
                           ": clients can be known by certificates only with TLS; set cert_file "
                           "and key_file");
  }
  if (options.cert_file.empty() || options.key_file.empty()) {
    return InvalidArgument(prefix + ": cert_file and key_file go together");
  }
  if (Verifies(*auth) && options.client_ca_file.empty()) {
    return InvalidArgument(prefix + ".client_ca_file: " + options.client_auth_type + " needs it");
  }
  if (!Verifies(*auth) && !options.client_ca_file.empty()) {
    return InvalidArgument(prefix +
                           ".client_ca_file: nothing is verified by it unless client_auth_type is "
                           "VerifyClientCertIfGiven or RequireAndVerifyClientCert");
  }
  return auth;
}

Result<std::string> ReadPem(std::string_view setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string prefix = std::string(setting) + ": ";
  if (!file.is_open() || file.bad()) return InvalidArgument(prefix + "cannot read " + path);
  if (text.find("-----BEGIN ") == std::string::npos) {
    return InvalidArgument(prefix + path + " holds nothing in PEM");
  }
  return text;
}

}  // namespace skald::net

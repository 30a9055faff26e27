#include "net/tls_versions.h"

#include <openssl/ssl.h>

#include "common/split.h"

namespace skald::net {
namespace {

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

}  // namespace

Result<int> ReadTlsVersion(std::string_view name) {
  for (const NamedVersion& known : kVersions) {
    if (known.name == name) return known.version;
  }
  return InvalidArgument("server.tls_min_version: unknown version '" + std::string(name) +
                         "', expected one of VersionTLS10, VersionTLS11, VersionTLS12, "
                         "VersionTLS13");
}

Result<CipherSuites> ReadCipherSuites(std::string_view names) {
  CipherSuites suites;
  for (const std::string_view part : SplitAtCommas(names)) {
    const std::string name(part);
    const std::string_view openssl_name = OPENSSL_cipher_name(name.c_str());
    if (openssl_name == "(NONE)") {
      return InvalidArgument("server.tls_cipher_suites: unknown suite '" + name +
                             "', expected names as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    }
    std::string& list = openssl_name == name ? suites.recent : suites.older;
    list.append(list.empty() ? "" : ":").append(openssl_name);
  }
  return suites;
}

}  // namespace skald::net

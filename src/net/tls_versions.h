#pragma once

#include <string>
#include <string_view>

#include "common/status.h"

namespace skald::net {

// Ciphers by OpenSSL's names, separated by colons.
struct CipherSuites {
  std::string older;   // Of TLS up to 1.2.
  std::string recent;  // Of TLS 1.3, whose names are everyone's.
};

// The number that OpenSSL has for what `server.tls_min_version` calls `name`, as Go does: TLS 1.2
// if empty. kInvalidArgument for an unknown one.
Result<int> ReadTlsVersion(std::string_view name);

// `server.tls_cipher_suites`: standard names, separated by commas. kInvalidArgument for an unknown
// one.
Result<CipherSuites> ReadCipherSuites(std::string_view names);

}  // namespace skald::net

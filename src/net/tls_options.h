#pragma once

#include <string_view>

#include "common/status.h"
#include "net/server_options.h"

namespace skald::net {

// Whether clients show a certificate, and whether it is looked at.
enum class ClientAuth { kNone, kRequest, kRequireAny, kVerifyIfGiven, kRequireAndVerify };

// What is wrong with TLS where it is served, or how clients make themselves known. kNone without a
// certificate. `setting` is where the options are set, as "server.http_tls_config": messages begin
// with it. kInvalidArgument for what does not fit together.
Result<ClientAuth> CheckTlsOptions(const TlsOptions& options, std::string_view setting);

// Whether certificates of clients are verified, and client_ca_file is thus needed.
bool Verifies(ClientAuth auth);

}  // namespace skald::net

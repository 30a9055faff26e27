#pragma once

#include <string>
#include <string_view>

#include "common/config_node.h"

namespace skald {

// What is shown instead of a secret.
inline constexpr std::string_view kSecret = "<secret>";

// `node` as anyone may see it: kSecret stands for the values of members that are named as secrets
// are (`password`, `bearer_token`, `secret_key`, ...), for all values of `headers`,
// `proxy_connect_header` and `endpoint_params`, and for passwords in URLs. Names of files are no
// secrets.
ConfigNode WithoutSecrets(ConfigNode node);

// `text` with kSecret for the password of each `scheme://name:password@` in it.
std::string WithoutPasswords(std::string_view text);

}  // namespace skald

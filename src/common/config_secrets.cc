#include "common/config_secrets.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace skald {
namespace {

// Words of names, as they stand between underscores.
constexpr std::array<std::string_view, 7> kSecretWords = {
    "_password_",        "_secret_",           "_token_", "_credential_", "_credentials_",
    "_service_account_", "_connection_string_"};
constexpr std::string_view kLastWord = "_key_";
// What a secret is read from is none.
constexpr std::array<std::string_view, 4> kPlaces = {"_file_", "_path_", "_url_", "_ref_"};

bool IsSecretName(std::string_view name) {
  const std::string words = "_" + std::string(name) + "_";
  const auto ends = [&](std::string_view place) { return words.ends_with(place); };
  if (std::any_of(kPlaces.begin(), kPlaces.end(), ends)) return false;
  const auto contains = [&](std::string_view word) { return words.find(word) != words.npos; };
  return words.ends_with(kLastWord) ||
         std::any_of(kSecretWords.begin(), kSecretWords.end(), contains);
}

// Maps of which any value may be a secret.
constexpr std::array<std::string_view, 3> kSecretMaps = {"headers", "proxy_connect_header",
                                                         "endpoint_params"};

void Conceal(ConfigNode& node) {
  if (!node.scalar.empty()) node.scalar = kSecret;
}

void ConcealAll(ConfigNode& node) {
  for (ConfigNode::Member& member : node.members) {
    Conceal(member.node);
    for (ConfigNode& item : member.node.items) Conceal(item);
  }
}

}  // namespace

ConfigNode WithoutSecrets(ConfigNode node) {
  node.scalar = WithoutPasswords(node.scalar);
  for (ConfigNode& item : node.items) item = WithoutSecrets(std::move(item));
  for (auto& [name, member] : node.members) {
    if (std::find(kSecretMaps.begin(), kSecretMaps.end(), name) != kSecretMaps.end()) {
      ConcealAll(member);
    } else if (IsSecretName(name)) {
      Conceal(member);
    }
    member = WithoutSecrets(std::move(member));
  }
  return node;
}

std::string WithoutPasswords(std::string_view text) {
  constexpr std::string_view kScheme = "://";
  std::string shown;
  for (size_t at = text.find(kScheme); at != text.npos; at = text.find(kScheme)) {
    const size_t begin = at + kScheme.size();
    const size_t end = std::min(text.find_first_of("/ ,?#\"'", begin), text.size());
    const std::string_view host = text.substr(begin, end - begin);
    const size_t colon = host.find(':');
    const size_t sign = host.rfind('@');
    const bool has_password = sign != host.npos && colon < sign;
    shown.append(text.substr(0, begin + (has_password ? colon + 1 : 0)));
    if (has_password) shown.append(kSecret).append(host.substr(sign));
    if (!has_password) shown.append(host);
    text.remove_prefix(end);
  }
  return shown.append(text);
}

}  // namespace skald

#include "common/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace skald {
namespace {

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string_view Bytes(const Digest& digest, unsigned size) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

std::string Sha256Hex(std::string_view data) {
  Digest digest = {};
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return Hex(Bytes(digest, size));
}

std::string HmacSha256(std::string_view key, std::string_view data) {
  Digest digest = {};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &size);
  return std::string(Bytes(digest, size));
}

std::string HmacSha256Hex(std::string_view key, std::string_view data) {
  return Hex(HmacSha256(key, data));
}

}  // namespace skald

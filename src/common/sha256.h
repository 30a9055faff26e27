#pragma once

#include <string>
#include <string_view>

namespace skald {

// SHA-256 of `data`, as 64 hexadecimal digits in lower case.
std::string Sha256Hex(std::string_view data);

// HMAC of `data` with SHA-256 (RFC 2104): 32 bytes, and as digits as above.
std::string HmacSha256(std::string_view key, std::string_view data);
std::string HmacSha256Hex(std::string_view key, std::string_view data);

}  // namespace skald

#pragma once

#include <string>
#include <string_view>

namespace skald {

// SHA-256 of `data`, as 64 hexadecimal digits in lower case.
std::string Sha256Hex(std::string_view data);

}  // namespace skald

#pragma once

#include <string>
#include <string_view>

namespace skald {

// Appends `bytes` in base64 (RFC 4648's standard alphabet, padded).
void AppendBase64(std::string& out, std::string_view bytes);

// Appends the bytes that `text` stands for. False, with nothing appended, if it is not padded
// base64 in the standard alphabet.
bool DecodeBase64(std::string_view text, std::string& out);

}  // namespace skald

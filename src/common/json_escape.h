#pragma once

#include <string_view>

namespace skald {

// Writes what the JSON string between two quotes stands for to `out`, which has room for raw.size()
// bytes: escapes decoded (surrogates in pairs), all else as it is. Moves `out` behind what was
// written. False if an escape is none of JSON's, or half of a pair is missing.
bool UnescapeJson(std::string_view raw, char*& out);

}  // namespace skald

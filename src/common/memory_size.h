#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace skald {

// Bytes of memory that this process may use: the machine's, or fewer in a container that is given
// fewer.
uint64_t MemoryBytes();

// The limit that a file of a control group holds; nothing for "max" and for what is no number.
std::optional<uint64_t> ParseMemoryLimit(std::string_view text);

}  // namespace skald

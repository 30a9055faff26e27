#pragma once

#include <cstdint>

namespace skald::logql {

// The letter in the other case, as Go's unicode.ToUpper and ToLower have it (Unicode 15); anything
// else as it is.
uint32_t ToUpperRune(uint32_t rune);
uint32_t ToLowerRune(uint32_t rune);

}  // namespace skald::logql

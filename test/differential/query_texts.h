#pragma once

#include <string>
#include <string_view>

namespace skald::differential {

// What is left of `text` when all that is no UTF-8 is taken away.
std::string ValidUtf8(std::string_view text);

// A regex of that very text.
std::string EscapeRegex(const std::string& text);

}  // namespace skald::differential

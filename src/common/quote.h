#pragma once

#include <string>
#include <string_view>

namespace skald {

// Appends `text` as a Go string literal in double quotes (strconv.Quote).
void AppendGoQuoted(std::string& out, std::string_view text);
std::string GoQuote(std::string_view text);

}  // namespace skald

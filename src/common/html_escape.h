#pragma once

#include <string>
#include <string_view>

namespace skald {

// `text` as it may stand in HTML, in quotes as well, as Go's html/template has it: quotes by their
// numbers, and a zero as U+FFFD.
std::string EscapeHtml(std::string_view text);

}  // namespace skald

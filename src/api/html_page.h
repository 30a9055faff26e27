#pragma once

#include <string>
#include <string_view>

namespace skald::api {

// A whole page of the administration around `body`, which is HTML already.
std::string HtmlPage(std::string_view title, std::string_view body);

}  // namespace skald::api

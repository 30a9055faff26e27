#pragma once

#include <optional>
#include <string_view>

#include "logql/template/go_time.h"

namespace skald::logql {

// Reads a time in a layout by example; without a zone in the text it is one of `zone`: "Local", or
// a name of the time zone database (an unknown one counts as UTC). Nothing if the text does not
// fit.
std::optional<GoTime> ParseGoTime(std::string_view layout, std::string_view text,
                                  std::string_view zone);

}  // namespace skald::logql

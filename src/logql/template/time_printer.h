#pragma once

#include <string>
#include <string_view>

#include "logql/template/go_time.h"

namespace skald::logql {

// Appends `time` in a layout by example, Go's "2006-01-02T15:04:05.000Z07:00".
void AppendGoTime(std::string& out, const GoTime& time, std::string_view layout);

}  // namespace skald::logql

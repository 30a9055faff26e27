#pragma once

#include <string>
#include <string_view>

#include "logql/template/go_time.h"

namespace skald::logql {

// Appends `time` in a layout by example, Go's "2006-01-02T15:04:05.000Z07:00".
void AppendGoTime(std::string& out, const GoTime& time, std::string_view layout);
// Appends `time` as Go source: "time.Date(2024, time.May, 1, 12, 0, 0, 0, time.UTC)".
void AppendGoSource(std::string& out, const GoTime& time);

}  // namespace skald::logql

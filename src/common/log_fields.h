#pragma once

#include <span>
#include <string_view>

#include "common/logging.h"

namespace skald {

// As Log, of fields whose number is not known ahead.
void LogFields(LogLevel level, std::string_view message, std::span<const LogField> fields);

}  // namespace skald

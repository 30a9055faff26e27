#pragma once

#include <string_view>

#include "common/status.h"

namespace skald::logql {

// Whether queries may use what Skald adds to LogQL (EXTENSIONS.md).
enum class Extensions { kOff, kOn };

// What becomes of the selector `{}`, which is an extension as well.
enum class EmptySelector {
  kRefused,         // As Loki refuses it everywhere.
  kNeedsTimeRange,  // With a hint that it would do if the request said its time range.
  kAllowed,
};

// `refusal` is what Loki says to a query that uses `extension`; it gets a hint at the setting by
// which that was switched off.
Status SwitchedOff(const Status& refusal, std::string_view extension);

}  // namespace skald::logql

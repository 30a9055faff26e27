#pragma once

#include <cstdint>

#include "model/labels.h"

namespace skald::notify {

// One value of one series, as a recording rule makes it.
//
// Threads: a value.
struct Sample {
  model::Labels labels;  // With __name__.
  int64_t time_ms = 0;   // Since the epoch.
  double value = 0;

  friend bool operator==(const Sample&, const Sample&) = default;
};

}  // namespace skald::notify

#pragma once

#include <cstdint>

#include "differential/data_set.h"

namespace skald::differential {

inline constexpr int64_t kSecond = 1'000'000'000;

// Draws a data set: a few streams of JSON, logfmt, access log, packed or mixed lines over some
// minutes, some of them broken, repeated, out of order or of one time.
DataSet GenerateData(uint64_t seed);

}  // namespace skald::differential

#pragma once

#include <cstdint>

#include "differential/data_set.h"
#include "support/time_units.h"

namespace skald::differential {

using test::kSecond;

// Draws a data set: a few streams of JSON, logfmt, access log, packed or mixed lines over some
// minutes, some of them broken, repeated, out of order or of one time.
DataSet GenerateData(uint64_t seed);

// How large a set is.
enum class Amount {
  kFiltersOfBlocks,  // Some hundred lines a stream, which make blocks with filters.
  kFiltersOfPacks,   // Also a stream of noise, which makes packs large enough for filters.
};
// The same, but most of the streams are of ShapedLines; and in some lines of either kind are ids,
// words and sentences that few others have.
DataSet GenerateLargeData(uint64_t seed, Amount amount);

}  // namespace skald::differential

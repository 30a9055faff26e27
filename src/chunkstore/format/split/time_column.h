#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/split_stream.h"
#include "chunkstore/format/split/text_pieces.h"
#include "common/status.h"

namespace skald::chunkstore {

// Tokens that are times of day, most often the time of their own entry, from which they are told
// apart by a number that is zero then:
//
//   2026-11-28T20:01:55.461Z     any number of digits behind the point, Z or nothing at the end
//   28/Nov/2026:20:01:55
//   20:01:55                     of the entry's day (UTC)
//
// Threads: pure functions.

// Whether all are of one of these forms; then they are written. `entry_times` are in ns since the
// epoch, one for each token; `numbers` is scratch space.
bool PutTimeTokens(std::span<const std::string_view> tokens, std::span<const int64_t> entry_times,
                   std::vector<int64_t>& numbers, SplitWriter& out);
// One for each of `entry_times`; those that are not `wanted` may come as empty texts (empty: all
// are). kDataLoss for what no writer wrote.
Status GetTimeTokens(SplitReader& in, std::span<const int64_t> entry_times,
                     std::span<const uint8_t> wanted, std::vector<int64_t>& numbers,
                     TextPieces& out);
// Passes over them.
Status SkipTimeTokens(SplitReader& in);
// The same, and tells what they may meet: by what stands where digits and names do not.
Result<RowFilter::Met> ProbeTimeTokens(SplitReader& in, const RowFilter& filter);

}  // namespace skald::chunkstore

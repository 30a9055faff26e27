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

// Tokens that are decimal numbers: all with as many digits behind the point (none, mostly) and
// written as a printer would, between a prefix and a suffix that all share: "12.345ms", ":200".
//
// Threads: pure functions.

// Whether they are; then they are written. `numbers` is scratch space.
bool PutDecimalTokens(std::span<const std::string_view> tokens, std::vector<int64_t>& numbers,
                      SplitWriter& out);
// `rows` of them; those that are not `wanted` may come as empty texts (empty: all are). kDataLoss
// for what no writer wrote. `numbers` and `scratch` are scratch space.
Status GetDecimalTokens(SplitReader& in, size_t rows, std::span<const uint8_t> wanted,
                        std::vector<int64_t>& numbers, std::string& scratch, TextPieces& out);
// Passes over them; sets what stands in front of each number, and behind it.
Status SkipDecimalTokens(SplitReader& in, std::string_view& prefix, std::string_view& suffix);
// Passes over them, and tells what they may meet: by how many digits they can have.
Result<RowFilter::Met> ProbeDecimalTokens(SplitReader& in, const RowFilter& filter);

// Numbers, or their deltas if those are smaller.
void PutSeries(std::span<int64_t> numbers, SplitWriter& out);
Status GetSeries(SplitReader& in, std::span<int64_t> numbers);
// Returns what none of the numbers exceeds, read as unsigned. Requires: there are some.
Result<uint64_t> SkipSeries(SplitReader& in);

}  // namespace skald::chunkstore

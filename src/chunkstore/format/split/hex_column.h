#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/split_stream.h"
#include "chunkstore/format/split/text_pieces.h"
#include "common/status.h"

namespace skald::chunkstore {

// Tokens of one length that differ in hex digits only, of one letter case: ids, UUIDs, hashes. The
// digits take half a byte each; what is the same in all tokens is stored once.
//
// Threads: pure functions.

// Whether they are such; then they are written.
bool PutHexTokens(std::span<const std::string_view> tokens, SplitWriter& out);
// `rows` of them; those that are not `wanted` may come as empty texts (empty: all are). kDataLoss
// for what no writer wrote.
Status GetHexTokens(SplitReader& in, size_t rows, std::span<const uint8_t> wanted,
                    std::string& scratch, TextPieces& out);
// Passes over them; returns what they are like, digits included.
Result<std::string_view> SkipHexTokens(SplitReader& in);
// Passes over them, and tells what they may meet: the needle's digits are looked for where tokens
// would have them, but not whether all of these are of one token. `scratch` is scratch space.
Result<RowFilter::Met> ProbeHexTokens(SplitReader& in, const RowFilter& filter,
                                      std::string& scratch);

}  // namespace skald::chunkstore

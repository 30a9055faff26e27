#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/row_filter.h"
#include "common/status.h"
#include "model/entry_block.h"

namespace skald::chunkstore {

// Lines as columns of their parts: lines of one shape (line_shape.h) are cut into tokens, and the
// tokens of each place stored together, in the encoding that suits them (token_column.h). Reading
// gives back the very bytes.
//
// Threads: pure functions.

// Longer texts are stored in one piece.
constexpr uint64_t kMaxSplitBytes = uint64_t{64} << 20;

// Appends `texts`, each text the line of an entry with the time of the same index.
// Requires: some text; at most kMaxSplitBytes of them.
void EncodeSplitLines(std::span<const std::string_view> texts, std::span<const int64_t> entry_times,
                      int zstd_level, std::string& out);

// Replaces text and offsets by `entry_times.size()` lines, as a TextColumn holds them. kDataLoss
// for bytes that no encoder made, and unless they make `text_bytes`, separators included; no more
// is allocated than a few times that.
Status DecodeSplitLines(std::string_view bytes, std::span<const int64_t> entry_times,
                        uint64_t text_bytes, model::TextColumn& lines);

// The same for those lines alone that may hold the filter's literals, whose indexes are put into
// `rows`, ascending; all others are empty. Most of what tells them apart is told without putting
// lines together.
Status DecodeSplitLines(std::string_view bytes, std::span<const int64_t> entry_times,
                        uint64_t text_bytes, const RowFilter& filter, std::vector<uint32_t>& rows,
                        model::TextColumn& lines);

}  // namespace skald::chunkstore

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/text_group.h"
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

// Lines as EncodeSplitLines has stored them.
struct SplitLines {
  std::string_view bytes;
  std::span<const int64_t> entry_times;  // One for each line.
  uint64_t text_bytes = 0;               // Of what they decode to, separators included.
};

// Memory for lines while they are put together, to be used again.
//
// Threads: not synchronised.
class SplitBuffers {
 public:
  size_t MemoryBytes() const { return group_.MemoryBytes(); }

 private:
  friend Status DecodeSplitLines(const SplitLines& from, SplitBuffers& buffers,
                                 model::TextColumn& lines);
  friend Status DecodeSplitLines(const SplitLines& from, RowSearch& search, SplitBuffers& buffers,
                                 model::TextColumn& lines);

  TextGroupReader group_;
};

// Replaces text and offsets by the lines, as a TextColumn holds them. kDataLoss for bytes that no
// encoder made, and unless they make `text_bytes`; no more is allocated than a few times that.
Status DecodeSplitLines(const SplitLines& from, SplitBuffers& buffers, model::TextColumn& lines);

// The same for those lines alone that may hold the literals of `search.filter`, whose indexes are
// put into `search.rows`, ascending; all others are empty. Most of what tells them apart is told
// without putting lines together.
Status DecodeSplitLines(const SplitLines& from, RowSearch& search, SplitBuffers& buffers,
                        model::TextColumn& lines);

}  // namespace skald::chunkstore

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/split_stream.h"
#include "chunkstore/format/split/text_group.h"
#include "chunkstore/format/split/text_group_probe.h"
#include "common/status.h"
#include "model/entry_block.h"
#include "model/line_excerpt.h"

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
  // What is looked at of them; null: all.
  const model::LineExcerpt* excerpt = nullptr;
};

// What texts were made of stored lines.
enum class TextsAre { kLines, kExcerpts };

// Memory for lines while they are put together, to be used again.
//
// Threads: not synchronised.
class SplitBuffers {
 public:
  size_t MemoryBytes() const { return group_.MemoryBytes() + probe_.MemoryBytes(); }

 private:
  friend class SplitLinesSearch;
  friend Result<TextsAre> DecodeSplitLines(const SplitLines& from, SplitBuffers& buffers,
                                           model::TextColumn& texts);

  TextGroupReader group_;
  TextGroupProbe probe_;
};

// Replaces text and offsets by the lines, as a TextColumn holds them, or by their excerpts, if any
// line can be cut. kDataLoss for bytes that no encoder made, as far as they are looked at, and
// unless lines make `text_bytes`; no more is allocated than a few times that.
Result<TextsAre> DecodeSplitLines(const SplitLines& from, SplitBuffers& buffers,
                                  model::TextColumn& texts);

// Reads those lines alone that may hold some literals, in two steps: whether there may be any is
// mostly told without reading which row has what.
//
// Order:     Begin; then Read, once, which finds nothing unless may_hold(). No other search may
//            begin with the same buffers in between.
// Ownership: borrows bytes, filter and buffers, which must outlive it.
// Threads:   not synchronised.
class SplitLinesSearch {
 public:
  // `bytes` and `text_bytes` as in SplitLines. kDataLoss for bytes that no encoder made, as far as
  // they are looked at.
  static Result<SplitLinesSearch> Begin(std::string_view bytes, uint64_t text_bytes,
                                        const RowFilter& filter, SplitBuffers& buffers);

  // Whether any line may hold all literals.
  bool may_hold() const { return buffers_->probe_.MayHoldAll(); }

  // The indexes of lines that may hold them, ascending, into `rows`; and these lines, all others
  // empty, as DecodeSplitLines does it. Where there are no such rows `texts` is left as it is.
  Result<TextsAre> Read(std::span<const int64_t> entry_times, std::vector<uint32_t>& rows,
                        model::TextColumn& texts, const model::LineExcerpt* excerpt = nullptr);

 private:
  SplitLinesSearch(SplitReader reader, SplitBuffers& buffers)
      : reader_(std::move(reader)), buffers_(&buffers) {}

  SplitReader reader_;
  SplitBuffers* buffers_;
};

}  // namespace skald::chunkstore

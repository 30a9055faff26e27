#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/compress.h"

namespace skald::test {

// A line is its stream's number and its own; its text and metadata follow from these, so that it is
// checked as a whole when it is read.
using StoreLine = std::pair<int, int64_t>;

// How a WholeStore is cut, and what its lines have.
struct StoreShape {
  const char* name = "";
  bool rich = false;           // Ids and metadata, some pushes packed by their clients.
  int64_t lines_a_push = 1;    // Of each stream.
  size_t block_bytes = 0;      // Raw, of fresh and compacted blocks.
  uint64_t segment_bytes = 0;  // Of the log.
  Codec wal_codec = Codec::kNone;
};

// A few short lines make segments, blocks and packs: all places of its files can be damaged. Its
// blocks and packs are too small for filters.
inline constexpr StoreShape kSmallStore = {
    .name = "small", .block_bytes = 400, .segment_bytes = 1500};

// All that the formats have: metadata, filters of blocks and packs, split lines, packed texts and
// packed frames in the log. A pack of six pushes is large enough for a filter.
inline constexpr StoreShape kRichStore = {.name = "rich",
                                          .rich = true,
                                          .lines_a_push = 70,
                                          .block_bytes = 48'000,
                                          .segment_bytes = 30'000,
                                          .wal_codec = Codec::kLz4};

// In each rich line, and no other text.
inline constexpr std::string_view kRichWord = " took=";

std::string LineText(const StoreShape& shape, StoreLine line);
// The id that a rich line has, which no other has; and its metadata `trace_id`.
std::string LineId(StoreLine line);
std::string LineTrace(StoreLine line);

// The line that has this text in a store of that shape.
std::optional<StoreLine> ParseLine(const StoreShape& shape, std::string_view text);

}  // namespace skald::test

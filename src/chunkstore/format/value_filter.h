#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "chunkstore/format/chunk_layout.h"

namespace skald::chunkstore {

// The filter of a block's metadata: a bitmap with a few hashed bits for each pair of name and
// value (FilterKind::kMetadataValues). Drawn in FORMAT.md.

// As stored. Smaller columns are read as fast as the filter would be. Part of the format.
inline constexpr uint64_t kMinFilteredColumnBytes = 1 << 10;

// Whether the filter of a block, if it has one, answers for the column.
constexpr bool IsInValueFilter(const ColumnEntry& column) {
  return column.kind == ColumnKind::kMetadata && column.stored_bytes >= kMinFilteredColumnBytes;
}

// What a pair of name and value is in the filter.
uint64_t HashValue(std::string_view name, std::string_view value);

// The filter in at most `max_bytes`; empty when so few bytes would rule out too little.
std::string EncodeValueFilter(std::span<const uint64_t> hashes, size_t max_bytes);

// False only if the pair with that hash was not added. A filter that is empty, or of odd length,
// rules out nothing.
bool MayHaveValue(std::string_view filter, uint64_t hash);

}  // namespace skald::chunkstore

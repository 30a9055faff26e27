#include "chunkstore/format/block_filters.h"

#include <utility>

namespace skald::chunkstore {
namespace {

bool Wants(const FilterChoice& choice, FilterKind kind) {
  if (kind == FilterKind::kMetadataValues) return choice.metadata_values;
  return (PartsOf(kind) & choice.lines) != 0;
}

}  // namespace

std::vector<Extent> WantedExtents(std::span<const BlockHeader> blocks, const FilterChoice& choice) {
  std::vector<Extent> wanted;
  for (const BlockHeader& block : blocks) {
    for (const FilterEntry& filter : block.filters) {
      if (Wants(choice, filter.kind)) wanted.push_back({filter.offset, filter.bytes});
    }
  }
  return JoinExtents(std::move(wanted));
}

Result<BlockFilters> FindFilters(const BlockHeader& block, const FilterChoice& choice,
                                 std::span<const StoredPart> parts) {
  BlockFilters found;
  for (const FilterEntry& filter : block.filters) {
    if (!Wants(choice, filter.kind)) continue;
    Result<std::string_view> stored =
        CheckedBytes({filter.offset, filter.bytes}, filter.crc32c, parts);
    if (!stored.ok()) return Annotate(std::move(stored).status(), "filter");
    if (filter.kind == FilterKind::kMetadataValues) {
      found.metadata_values = *stored;
    } else {
      found.lines.Add(LineFilter::Decode(filter.kind, *stored));
    }
  }
  return found;
}

Result<BlockFilters> FindFilters(const BlockHeader& block, std::string_view filters,
                                 const FilterChoice& choice) {
  const StoredPart whole{.offset = 0, .bytes = filters};
  return FindFilters(block, choice, std::span(&whole, 1));
}

}  // namespace skald::chunkstore

#include "model/metadata_volume.h"

namespace skald::model {
namespace {

uint64_t LengthBit(size_t length) { return uint64_t{1} << (length % 64); }

}  // namespace

MetadataVolume::MetadataVolume(const EntryBlock& block) {
  columns_.reserve(block.metadata.size());
  uint64_t all_lengths = 0;
  for (const MetadataColumn& column : block.metadata) {
    uint64_t lengths = 0;
    for (size_t i = 0; i < column.values.size(); ++i) lengths |= LengthBit(column.values.Length(i));
    shared_lengths_ |= (all_lengths & lengths) | LengthBit(column.name.size());
    all_lengths |= lengths;
    columns_.push_back({.column = &column, .seen = std::vector<uint8_t>(column.values.size() + 1)});
  }
}

uint64_t MetadataVolume::Add(size_t row) {
  uint64_t bytes = 0;
  for (Column& column : columns_) {
    const uint32_t code = column.column->codes[row];
    if (code == 0) continue;
    bytes += kPairVolume;
    if (column.seen[code] != 0) continue;
    if (column.seen[0] == 0) bytes += AddShared(column.column->name);
    column.seen[0] = column.seen[code] = 1;
    bytes += AddValue(column.column->values[code - 1]);
  }
  return bytes;
}

uint64_t MetadataVolume::AddValue(std::string_view value) {
  const bool elsewhere = (shared_lengths_ & LengthBit(value.size())) != 0;
  return elsewhere ? AddShared(value) : value.size();
}

uint64_t MetadataVolume::AddShared(std::string_view text) {
  return texts_.try_emplace(text, true).second ? text.size() : 0;
}

}  // namespace skald::model

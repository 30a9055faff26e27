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
    Column& added = columns_.emplace_back();
    added.column = &column;
    added.seen.resize(column.values.size() + 1);
    added.seen[0] = 1;  // No value: nothing is to be added.
  }
}

uint64_t MetadataVolume::Add(size_t begin, size_t end) {
  uint64_t bytes = 0;
  for (Column& column : columns_) {
    const uint32_t* const codes = column.column->codes.data();
    uint8_t* const seen = column.seen.data();
    uint64_t pairs = 0;
    for (size_t row = begin; row < end; ++row) {
      const uint32_t code = codes[row];
      pairs += code != 0 ? 1 : 0;
      if (seen[code] != 0) continue;
      seen[code] = 1;
      bytes += AddValue(column.column->values[code - 1]);
    }
    bytes += kPairVolume * pairs;
    if (pairs > 0 && !column.has_rows) {
      column.has_rows = true;
      bytes += AddShared(column.column->name);
    }
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

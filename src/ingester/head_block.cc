#include "ingester/head_block.h"

#include <algorithm>
#include <utility>

#include "model/metadata_volume.h"

namespace skald::ingester {
namespace {

// What an entry costs beside its line: time, sequence number, offset and separator.
constexpr size_t kEntryOverhead = sizeof(int64_t) + sizeof(uint64_t) + sizeof(uint32_t) + 1;

// What a distinct value costs beside its text: offset, separator and its place in the dictionary.
constexpr size_t kValueOverhead = 2 * sizeof(uint32_t) + sizeof(uint64_t) + 1;

// Rows of one time that are compared one with another; more are left to the builder, which sorts.
constexpr size_t kMaxCompared = 16;

bool AreSameBytes(std::string_view a, std::string_view b) {
  return a.data() == b.data() && a.size() == b.size();
}

// Full blocks of a stream differ by some lines. A buffer that the next one exceeds by a line would
// be copied, into one twice as large.
size_t WithMargin(size_t size) { return size + size / 16; }

// Gives all columns as many codes as there are rows, and orders them by name.
void FinishMetadata(model::EntryBlock& block) {
  for (model::MetadataColumn& column : block.metadata) column.codes.resize(block.size(), 0);
  std::sort(block.metadata.begin(), block.metadata.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

// Requires: the same block, rows of equal time. Values of a column are distinct, so codes tell.
bool RowsEqual(const model::EntryBlock& block, size_t a, size_t b) {
  if (block.lines[a] != block.lines[b]) return false;
  return std::all_of(block.metadata.begin(), block.metadata.end(),
                     [a, b](const auto& column) { return column.codes[a] == column.codes[b]; });
}

bool IsNormal(const model::EntryBlock& block) {
  size_t group = 0;  // First row with the same time as the one before `row`.
  for (size_t row = 1; row < block.size(); ++row) {
    if (block.times[row] < block.times[row - 1]) return false;
    if (block.times[row] != block.times[row - 1]) {
      group = row;
      continue;
    }
    if (row - group >= kMaxCompared) return false;
    for (size_t earlier = group; earlier < row; ++earlier) {
      if (RowsEqual(block, earlier, row)) return false;
    }
  }
  return true;
}

}  // namespace

HeadBlock::HeadBlock(const HeadBlock* like) {
  if (like == nullptr) return;
  const size_t entries = WithMargin(like->entries_);
  columns_.times.reserve(entries);
  columns_.seqs.reserve(entries);
  columns_.lines.offsets.reserve(entries + 1);
  columns_.lines.text.reserve(WithMargin(like->line_bytes() + like->entries_));
}

void HeadBlock::Append(int64_t time_ns, uint64_t seq, std::string_view line,
                       std::span<const model::MetadataPair> metadata, PairPlaces& places) {
  SKALD_DCHECK(frozen_ == nullptr);
  // Streams of one line are many: a buffer that grows by doubling would be twice what it needs.
  if (entries_ == 0) columns_.lines.text.reserve(line.size() + 1);
  columns_.times.push_back(time_ns);
  columns_.seqs.push_back(seq);
  columns_.lines.Append(line);
  ++entries_;
  memory_bytes_ += line.size() + kEntryOverhead;
  if (places.head != this) places = {.head = this, .by_index = {}};
  for (size_t i = 0; i < metadata.size(); ++i) {
    AppendPair(metadata[i], places.by_index[i % places.by_index.size()]);
  }
  last_seq_ = seq;
  first_ns_ = std::min(first_ns_, time_ns);
  last_ns_ = std::max(last_ns_, time_ns);
}

uint32_t HeadBlock::ColumnFor(std::string_view name) {
  // Entries tend to have the same names in the same order: look behind the one found last.
  const auto count = static_cast<uint32_t>(columns_.metadata.size());
  for (uint32_t step = 0; step < count; ++step) {
    if (++last_column_ >= count) last_column_ = 0;
    if (columns_.metadata[last_column_].name == name) return last_column_;
  }
  model::MetadataColumn& column = columns_.metadata.emplace_back();
  column.name = name;
  column.codes.reserve(columns_.times.capacity());
  dictionaries_.emplace_back();
  memory_bytes_ += sizeof(model::MetadataColumn) + name.size();
  metadata_volume_ += name.size();
  return last_column_ = count;
}

void HeadBlock::AppendPair(const model::MetadataPair& pair, PairPlaces::Place& place) {
  const bool same_name = place.code != 0 && AreSameBytes(place.name, pair.name);
  if (!same_name) place.column = ColumnFor(pair.name);
  model::MetadataColumn& column = columns_.metadata[place.column];
  if (!same_name || !AreSameBytes(place.value, pair.value)) {
    const size_t values = column.values.size();
    place.code = dictionaries_[place.column].Code(pair.value, column.values);
    place.name = pair.name;
    place.value = pair.value;
    if (column.values.size() > values) {
      memory_bytes_ += pair.value.size() + kValueOverhead;
      metadata_volume_ += pair.value.size();
    }
  }
  metadata_volume_ += model::kPairVolume;
  memory_bytes_ += (entries_ - column.codes.size()) * sizeof(uint32_t);
  if (column.codes.size() + 1 == entries_) {
    column.codes.push_back(place.code);
  } else {
    column.codes.resize(entries_, 0);
    column.codes.back() = place.code;
  }
}

bool HeadBlock::LastEquals(int64_t time_ns, std::string_view line,
                           std::span<const model::MetadataPair> metadata) const {
  if (frozen_ != nullptr || entries_ == 0) return false;
  const size_t row = entries_ - 1;
  if (columns_.times[row] != time_ns || columns_.lines[row] != line) return false;
  size_t pairs = 0;
  for (const model::MetadataColumn& column : columns_.metadata) {
    if (column.codes.size() <= row || !column.Has(row)) continue;
    ++pairs;
    const bool same = std::any_of(metadata.begin(), metadata.end(), [&](const auto& pair) {
      return pair.name == column.name && pair.value == column[row];
    });
    if (!same) return false;
  }
  return pairs == metadata.size();
}

std::shared_ptr<const model::EntryBlock> HeadBlock::Snapshot() {
  if (frozen_ != nullptr) return frozen_;
  if (snapshot_ == nullptr) snapshot_ = std::make_unique<HandedOut>();
  if (auto block = snapshot_->block.lock(); block != nullptr && snapshot_->entries == entries_) {
    return block;
  }
  auto block = std::make_shared<model::EntryBlock>(columns_);
  FinishMetadata(*block);
  *snapshot_ = {.block = block, .entries = entries_};
  return block;
}

void HeadBlock::Freeze() {
  if (frozen_ != nullptr) return;
  FinishMetadata(columns_);
  frozen_ = std::make_shared<const model::EntryBlock>(std::move(columns_));
  columns_ = {};
  dictionaries_ = {};
}

std::shared_ptr<const model::EntryBlock> Normalize(std::shared_ptr<const model::EntryBlock> block) {
  if (IsNormal(*block)) return block;
  model::EntryBlockBuilder builder;
  for (size_t row = 0; row < block->size(); ++row) builder.Append(*block, row);
  return std::make_shared<const model::EntryBlock>(builder.Finish());
}

}  // namespace skald::ingester

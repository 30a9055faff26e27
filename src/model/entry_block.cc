#include "model/entry_block.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/hash.h"
#include "model/row_gather.h"
#include "model/value_dictionary.h"

namespace skald::model {
namespace {

// Set by the service itself, so not charged to anyone.
constexpr std::string_view kDetectedLevel = "detected_level";

size_t TextBytes(const TextColumn& column) {
  return column.text.capacity() + column.offsets.capacity() * sizeof(uint32_t);
}

// Requires: both rows are of `block`.
bool EqualRows(const EntryBlock& block, uint32_t a, uint32_t b) {
  if (block.times[a] != block.times[b] || block.lines[a] != block.lines[b]) return false;
  return std::all_of(
      block.metadata.begin(), block.metadata.end(),
      [&](const MetadataColumn& column) { return column.codes[a] == column.codes[b]; });
}

uint64_t HashRow(const EntryBlock& block, uint32_t row) {
  uint64_t hash = Hash64(block.lines[row]);
  for (const MetadataColumn& column : block.metadata) hash = HashCombine(hash, column.codes[row]);
  return hash;
}

// Finds, among rows of one time in their final order, those equal to an earlier one.
class RunDeduper {
 public:
  explicit RunDeduper(const EntryBlock& block) : block_(block) {}

  // Appends to `kept` the rows of `run` that are not equal to an earlier one.
  void Keep(std::span<const uint32_t> run, std::vector<uint32_t>& kept) {
    if (run.size() == 1) {
      kept.push_back(run[0]);
      return;
    }
    by_hash_.clear();
    for (size_t i = 0; i < run.size(); ++i) by_hash_.emplace_back(HashRow(block_, run[i]), i);
    std::sort(by_hash_.begin(), by_hash_.end());
    duplicate_.assign(run.size(), false);
    for (size_t i = 1; i < by_hash_.size(); ++i) {
      for (size_t j = i; j-- > 0 && by_hash_[j].first == by_hash_[i].first;) {
        if (!EqualRows(block_, run[by_hash_[j].second], run[by_hash_[i].second])) continue;
        duplicate_[by_hash_[i].second] = true;
        break;
      }
    }
    for (size_t i = 0; i < run.size(); ++i) {
      if (!duplicate_[i]) kept.push_back(run[i]);
    }
  }

 private:
  const EntryBlock& block_;
  std::vector<std::pair<uint64_t, size_t>> by_hash_;  // Hash and place in the run.
  std::vector<bool> duplicate_;                       // By place in the run.
};

// The rows of `block` in order of (time, seq).
std::vector<uint32_t> SortedRows(const EntryBlock& block) {
  std::vector<uint32_t> rows(block.size());
  std::iota(rows.begin(), rows.end(), 0);
  const auto before = [&](uint32_t a, uint32_t b) {
    return std::pair(block.times[a], block.seqs[a]) < std::pair(block.times[b], block.seqs[b]);
  };
  if (!std::is_sorted(rows.begin(), rows.end(), before)) {
    std::stable_sort(rows.begin(), rows.end(), before);
  }
  return rows;
}

std::vector<uint32_t> WithoutDuplicates(const EntryBlock& block,
                                        const std::vector<uint32_t>& sorted) {
  std::vector<uint32_t> kept;
  kept.reserve(sorted.size());
  RunDeduper deduper(block);
  for (size_t begin = 0; begin < sorted.size();) {
    size_t end = begin + 1;
    while (end < sorted.size() && block.times[sorted[end]] == block.times[sorted[begin]]) ++end;
    deduper.Keep(std::span(sorted).subspan(begin, end - begin), kept);
    begin = end;
  }
  return kept;
}

}  // namespace

bool ColumnSet::WantsMetadata(std::string_view name) const {
  return all_metadata || std::find(metadata.begin(), metadata.end(), name) != metadata.end();
}

const MetadataColumn* EntryBlock::FindMetadata(std::string_view name) const {
  const auto it = std::lower_bound(
      metadata.begin(), metadata.end(), name,
      [](const MetadataColumn& column, std::string_view wanted) { return column.name < wanted; });
  return it != metadata.end() && it->name == name ? &*it : nullptr;
}

size_t EntryBlock::MemoryBytes() const {
  size_t bytes = sizeof(EntryBlock) + times.capacity() * sizeof(int64_t) +
                 seqs.capacity() * sizeof(uint64_t) + TextBytes(lines) + TextBytes(excerpts);
  for (const MetadataColumn& column : metadata) {
    bytes += sizeof(MetadataColumn) + column.name.capacity() + TextBytes(column.values) +
             column.codes.capacity() * sizeof(uint32_t);
  }
  return bytes;
}

size_t EntryBlock::RowMetadataBytes(size_t row) const {
  size_t bytes = 0;
  for (const MetadataColumn& column : metadata) {
    if (column.Has(row) && column.name != kDetectedLevel) {
      bytes += column.name.size() + column.values.Length(column.codes[row] - 1);
    }
  }
  return bytes;
}

struct EntryBlockBuilder::Rep {
  struct Column {
    std::string name;
    std::vector<uint32_t> codes;  // May be shorter than the block: rows past its end have none.
    TextColumn values;
    ValueDictionary dictionary;
  };

  void AppendMetadata(std::string_view name, std::string_view value, size_t& hint) {
    Column& column = FindColumn(name, hint);
    const size_t row = block.size() - 1;
    column.codes.resize(row + 1, 0);
    column.codes[row] = column.dictionary.Code(value, column.values);
  }

  // Entries of a stream tend to have the same names in the same order, so the search begins at
  // `hint`, one past the column found last.
  Column& FindColumn(std::string_view name, size_t& hint) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const size_t at = hint + i < columns.size() ? hint + i : hint + i - columns.size();
      if (columns[at].name == name) {
        hint = at + 1 == columns.size() ? 0 : at + 1;
        return columns[at];
      }
    }
    columns.emplace_back().name = name;
    hint = 0;
    return columns.back();
  }

  // Moves the columns into the block.
  void Seal() {
    std::sort(columns.begin(), columns.end(),
              [](const Column& a, const Column& b) { return a.name < b.name; });
    for (Column& column : columns) {
      column.codes.resize(block.size(), 0);
      block.metadata.push_back(
          {std::move(column.name), std::move(column.codes), std::move(column.values)});
    }
    columns.clear();
  }

  EntryBlock block;  // Its metadata is in `columns` until Seal.
  std::vector<Column> columns;
};

EntryBlockBuilder::EntryBlockBuilder() : rep_(std::make_unique<Rep>()) {}
EntryBlockBuilder::~EntryBlockBuilder() = default;
EntryBlockBuilder::EntryBlockBuilder(EntryBlockBuilder&&) noexcept = default;
EntryBlockBuilder& EntryBlockBuilder::operator=(EntryBlockBuilder&&) noexcept = default;

void EntryBlockBuilder::Append(int64_t time_ns, uint64_t seq, std::string_view line,
                               std::span<const MetadataPair> metadata) {
  EntryBlock& block = rep_->block;
  block.times.push_back(time_ns);
  block.seqs.push_back(seq);
  block.lines.Append(line);
  size_t hint = 0;
  for (const MetadataPair& pair : metadata) rep_->AppendMetadata(pair.name, pair.value, hint);
}

void EntryBlockBuilder::Append(const EntryBlock& block, size_t row) {
  Append(block.times[row], block.seqs[row], block.lines[row], {});
  size_t hint = 0;
  for (const MetadataColumn& column : block.metadata) {
    if (column.Has(row)) rep_->AppendMetadata(column.name, column[row], hint);
  }
}

size_t EntryBlockBuilder::size() const { return rep_->block.size(); }

size_t EntryBlockBuilder::line_bytes() const { return rep_->block.lines.text.size() - size(); }

EntryBlock EntryBlockBuilder::Finish(size_t* duplicates) {
  rep_->Seal();
  EntryBlock block = std::exchange(rep_->block, {});
  const std::vector<uint32_t> sorted = SortedRows(block);
  const std::vector<uint32_t> kept = WithoutDuplicates(block, sorted);
  if (duplicates != nullptr) *duplicates = sorted.size() - kept.size();
  if (kept.size() == block.size() && std::is_sorted(kept.begin(), kept.end())) return block;
  std::vector<RowRef> refs;
  refs.reserve(kept.size());
  for (const uint32_t row : kept) refs.push_back({&block, row});
  return GatherRows(refs);
}

}  // namespace skald::model

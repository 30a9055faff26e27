#include "patterns/shown_entries.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "model/entry_block.h"
#include "model/log_batch.h"

namespace skald::patterns {
namespace {

// With places in `entries` as sequence numbers.
model::LogBatch BatchOf(const model::PushBatch& batch, const model::PushStream& stream,
                        std::span<const model::PushEntry> entries) {
  model::EntryBlockBuilder builder;
  for (size_t i = 0; i < entries.size(); ++i) {
    const model::PushEntry& entry = entries[i];
    builder.Append(entry.time_ns, i, entry.line,
                   std::span(batch.metadata).subspan(entry.metadata_begin, entry.metadata_count));
  }
  auto block = std::make_shared<const model::EntryBlock>(builder.Finish());
  std::vector<uint32_t> rows(block->size());
  std::iota(rows.begin(), rows.end(), 0u);
  return {.stream = stream.labels, .block = std::move(block), .selection = std::move(rows)};
}

}  // namespace

std::span<const model::PushEntry> ShownEntries(const model::EntryFilters* filters,
                                               const model::PushBatch& batch,
                                               const model::PushStream& stream,
                                               std::span<const model::PushEntry> entries,
                                               std::vector<model::PushEntry>& kept) {
  if (filters == nullptr) return entries;
  const auto [first, last] = std::ranges::minmax_element(entries, {}, &model::PushEntry::time_ns);
  const auto filter = filters->For(*stream.labels, first->time_ns, last->time_ns);
  if (filter == nullptr) return entries;
  kept.clear();
  if (filter->TakesAll()) return kept;
  model::LogBatch shown = BatchOf(batch, stream, entries);
  // A filter fails on columns that are missing, and here none is; what it cannot judge is not told.
  if (!filter->Apply(shown).ok()) return kept;
  for (const uint32_t row : shown.selection) kept.push_back(entries[shown.block->seqs[row]]);
  return kept;
}

}  // namespace skald::patterns

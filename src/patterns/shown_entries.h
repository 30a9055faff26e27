#pragma once

#include <span>
#include <vector>

#include "model/entry_filter.h"
#include "model/push_batch.h"

namespace skald::patterns {

// Of `entries` of a stream of `batch`, those that the filters leave; these may be null. The answer
// is `entries`, or in `kept`, which is overwritten. Entries that come twice may be left once.
// Requires: `entries` is not empty.
std::span<const model::PushEntry> ShownEntries(const model::EntryFilters* filters,
                                               const model::PushBatch& batch,
                                               const model::PushStream& stream,
                                               std::span<const model::PushEntry> entries,
                                               std::vector<model::PushEntry>& kept);

}  // namespace skald::patterns

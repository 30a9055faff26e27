#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "chunkstore/store_parts.h"
#include "common/executor.h"
#include "common/status.h"
#include "model/batch_source.h"
#include "model/entry_filter.h"

namespace skald::chunkstore {

// What a store still holds of entries that are to go.
struct ErasableFound {
  std::set<std::string> packs;  // In which some are, those of the oldest first.
  uint64_t chunks = 0;          // Of these packs, with some in them.
  // None of those entries is before this; the end of the time asked for if there is none at all.
  int64_t none_before_ns = 0;
};

// Looks for the entries of `wanted` that `filters` take out, until they are found in `max_packs`
// packs. `wanted` says no more than the filters do of what is to go; it lets chunks be passed over.
// What cannot be read is taken for something that is to go, as nobody knows that it is not.
//
// Errors are kCancelled, and those of LabelIndex. Blocks; costs what a query for the entries does,
// but leaves a chunk at the first of them, and those alone that go whole.
Result<ErasableFound> FindErasable(const StoreParts& parts, const model::ScanRequest& wanted,
                                   const model::EntryFilters& filters, size_t max_packs,
                                   const CancelToken& cancel);

}  // namespace skald::chunkstore

#pragma once

#include <memory>

#include "model/batch_source.h"
#include "model/entry_filter.h"

namespace skald::querier {

// The scans without the entries that `filters` take out; null: all of them.
model::StreamScans FilterScans(model::StreamScans scans,
                               std::shared_ptr<const model::EntryFilters> filters);

}  // namespace skald::querier

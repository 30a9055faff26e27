#pragma once

#include <memory>

#include "model/batch_source.h"
#include "model/entry_filter.h"

namespace skald::querier {

// `scan` without the entries that `filter` takes out.
std::unique_ptr<model::StreamScan> FilterScan(std::unique_ptr<model::StreamScan> scan,
                                              std::unique_ptr<model::EntryFilter> filter);

}  // namespace skald::querier

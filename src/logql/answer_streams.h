#pragma once

#include <vector>

#include "logql/found_entry.h"
#include "model/ids.h"
#include "model/sample.h"

namespace skald::logql {

// The entries of a log query by their labels: streams in the order of their labels, or (`sorted`)
// of their best entries, whose order is kept.
std::vector<model::ResultStream> GroupByLabels(std::vector<FoundEntry> entries,
                                               model::Direction direction, bool sorted);

}  // namespace skald::logql

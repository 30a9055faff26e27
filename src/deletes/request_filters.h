#pragma once

#include <memory>
#include <vector>

#include "deletes/compiled_request.h"
#include "model/entry_filter.h"

namespace skald::deletes {

// Takes out what any of the parts means, and what was written down of patterns that such lines may
// have a part in.
std::shared_ptr<const model::EntryFilters> MakeFilters(std::vector<RequestPart> parts);

}  // namespace skald::deletes

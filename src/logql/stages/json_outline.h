#pragma once

#include <vector>

#include "logql/stages/field_keys.h"
#include "model/line_excerpt.h"

namespace skald::logql {

// Of lines that are JSON objects, the members that `| json` reads: the rest are left out where it
// would pass over them whatever stands in the holes. False if lines must come whole, because their
// outline is no object, or a hole stands where it may be anything.
bool CutJson(const model::LineOutline& outline, const FieldKeys& fields,
             std::vector<model::LineExcerpt::Range>& kept);

}  // namespace skald::logql

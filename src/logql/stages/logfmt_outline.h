#pragma once

#include <vector>

#include "logql/stages/field_keys.h"
#include "model/line_excerpt.h"

namespace skald::logql {

// Of lines of key=value pairs, those pairs that `| logfmt` reads: the rest are left out where it
// would pass over them whatever stands in the holes. False if lines must come whole.
bool CutLogfmt(const model::LineOutline& outline, const FieldKeys& fields,
               std::vector<model::LineExcerpt::Range>& kept);

}  // namespace skald::logql

#pragma once

#include <functional>

#include "differential/data_set.h"
#include "differential/query_generator.h"

namespace skald::differential {

struct Case {
  DataSet data;
  GeneratedQuery query;
};

// A smaller case for which `fails` still holds: words of the query, streams and entries are taken
// away as long as it does. Requires: fails(failing).
Case Shrink(const Case& failing, const std::function<bool(const Case&)>& fails);

}  // namespace skald::differential

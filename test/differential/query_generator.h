#pragma once

#include <cstdint>
#include <string>

#include "differential/data_set.h"
#include "logql/engine.h"

namespace skald::differential {

// A query's text with the parameters that come beside it; `query.expr` is not set.
struct GeneratedQuery {
  std::string text;
  logql::Query query;
};

// Draws a query that mostly finds something in `data`: its selectors and literals are taken from
// there.
GeneratedQuery GenerateQuery(uint64_t seed, const DataSet& data);

}  // namespace skald::differential

#pragma once

#include <string>

#include "querier/cardinality.h"

namespace skald::api {

// The answer of /api/v1/cardinality, drawn in CARDINALITY.md.
void AppendCardinality(const querier::Cardinality& cardinality, std::string& out);

}  // namespace skald::api

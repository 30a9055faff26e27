#pragma once

#include <string>

#include "model/batch_source.h"
#include "querier/querier.h"

namespace skald::api {

// Appends the answer to /api/v1/field_stats; its members are described in FIELD_STATS.md.
void AppendFieldStatsResponse(const querier::FieldStatsAnswer& answer,
                              const model::ScanStats& stats, std::string& out);

}  // namespace skald::api

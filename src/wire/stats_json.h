#pragma once

#include <string>

#include "model/batch_source.h"
#include "model/sample.h"

namespace skald::wire {

// Appends the `stats` object of a query's answer: {"summary":{...},"querier":{...},...}. Has every
// member that Grafana and logcli read; zero where there is nothing of the kind here.
void AppendStats(const model::QuerySummary& summary, const model::ScanStats& stats,
                 std::string& out);

}  // namespace skald::wire

#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "model/labels.h"
#include "ruler/alert_tracker.h"
#include "ruler/outputs.h"

// What Prometheus' rules record of alerts, for whoever looks at their past: the series ALERTS and
// ALERTS_FOR_STATE.
namespace skald::ruler {

// Appends the samples of a pending or firing alert.
void AddAlertSamples(const Alert& alert, int64_t time_ns, std::vector<RecordedSample>& out);

// The series of alerts, those of resolved ones as they were before.
std::set<model::Labels> SeriesOfAlerts(std::vector<Alert> alerts);

// The sample that ends any series.
RecordedSample EndOfSeries(const model::Labels& series, int64_t time_ns);

}  // namespace skald::ruler

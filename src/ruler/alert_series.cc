#include "ruler/alert_series.h"

#include "model/stale_marker.h"

namespace skald::ruler {

void AddAlertSamples(const Alert& alert, int64_t time_ns, std::vector<RecordedSample>& out) {
  const int64_t time_ms = time_ns / 1'000'000;
  model::LabelsBuilder labels(alert.labels);
  labels.Set("__name__", "ALERTS_FOR_STATE");
  out.push_back({.labels = labels.Build(),
                 .time_ms = time_ms,
                 .value = static_cast<double>(alert.active_at_ns / 1'000'000'000)});
  labels.Set("__name__", "ALERTS").Set("alertstate", AlertStateName(alert.state));
  out.push_back({.labels = labels.Build(), .time_ms = time_ms, .value = 1});
}

std::set<model::Labels> SeriesOfAlerts(std::vector<Alert> alerts) {
  std::vector<RecordedSample> given;
  for (Alert& alert : alerts) {
    if (alert.state == AlertState::kInactive) alert.state = AlertState::kFiring;
    AddAlertSamples(alert, 0, given);
  }
  std::set<model::Labels> series;
  for (const RecordedSample& sample : given) series.insert(sample.labels);
  return series;
}

RecordedSample EndOfSeries(const model::Labels& series, int64_t time_ns) {
  return {.labels = series, .time_ms = time_ns / 1'000'000, .value = model::StaleMarker()};
}

}  // namespace skald::ruler

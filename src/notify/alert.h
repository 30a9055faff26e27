#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/labels.h"

namespace skald::notify {

// The state of one alert as Alertmanager is told it. Times are nanoseconds since the epoch.
//
// An alert is known by its labels. It fires while ends_at lies ahead: whoever evaluates sets it to
// as long after the evaluation as the alert shall outlive a silence of the sender (Prometheus: four
// times the longer of interval and resend delay). It is resolved once ends_at has come: set it to
// the time of resolution.
//
// Threads: a value.
struct Alert {
  model::Labels labels;  // With alertname.
  model::Labels annotations;
  int64_t starts_at = 0;
  int64_t ends_at = 0;
  int64_t updated_at = 0;  // When it was evaluated: a later state of an alert replaces this one.
  std::string generator_url;
};

// Appends the body of POST /api/v2/alerts, which /api/v1/alerts takes as well.
void AppendAlertsJson(std::string& out, std::span<const Alert> alerts);

// Where a reader of an alert finds the lines behind it: Explore in the Grafana at `external_url`,
// with `expression` in the data source `datasource_uid` (empty: the default one).
std::string ExploreUrl(std::string_view external_url, std::string_view datasource_uid,
                       std::string_view expression);
// The same on Skald's own page, for those who have no Grafana: `<page_url>/?query=<expression>`.
std::string PageUrl(std::string_view page_url, std::string_view expression);

}  // namespace skald::notify

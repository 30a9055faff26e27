#pragma once

#include <string_view>

namespace skald::api {

// The Prometheus text format, version 0.0.4, or OpenMetrics 1.0.
enum class MetricsFormat { kPrometheus, kOpenMetrics };

// What a scraper with this `Accept` likes best of the formats there are; Prometheus' own if it does
// not say, or likes neither.
MetricsFormat ChooseMetricsFormat(std::string_view accept);

std::string_view MetricsContentType(MetricsFormat format);

}  // namespace skald::api

#pragma once

#include <string>
#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace skald {

// The families in the text format of OpenMetrics 1.0, up to `# EOF`. Series have the names that
// they have in the Prometheus format: a counter whose name lacks `_total`, which OpenMetrics has no
// way to say, is of type unknown.
std::string SerializeOpenMetrics(const std::vector<prometheus::MetricFamily>& families);

// What Metrics::Expose says, in this format.
//
// Threads: any thread may call.
std::string ExposeOpenMetrics();

}  // namespace skald

#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "common/duration.h"
#include "ruler/alert_tracker.h"

namespace skald::ruler {

// When an outage is over: how alerts that were pending before it go on after it.
struct OutageOptions {
  Nanoseconds tolerance = std::chrono::hours(1);        // for_outage_tolerance.
  Nanoseconds grace_period = std::chrono::minutes(10);  // for_grace_period.
};

// Moves alerts of a rule with `for_duration` over an outage, as Prometheus does: it does not count
// as time in which an alert held, or fired on without holding. A `for` shorter than the grace
// period begins anew; of a longer one at least the grace period is left, so that the alert can be
// seen before it fires.
void ShiftOverOutage(std::vector<Alert>& alerts, Nanoseconds for_duration, int64_t saved_at_ns,
                     int64_t now_ns, Nanoseconds grace_period);

}  // namespace skald::ruler

#include "ruler/outage.h"

namespace skald::ruler {

void ShiftOverOutage(std::vector<Alert>& alerts, Nanoseconds for_duration, int64_t saved_at_ns,
                     int64_t now_ns, Nanoseconds grace_period) {
  const int64_t outage_ns = now_ns - saved_at_ns;
  for (Alert& alert : alerts) {
    if (alert.keep_firing_since_ns != 0) alert.keep_firing_since_ns += outage_ns;
    if (alert.state != AlertState::kPending) continue;
    const int64_t left = for_duration.count() - (saved_at_ns - alert.active_at_ns);
    if (for_duration < grace_period) {
      alert.active_at_ns = now_ns;
    } else if (left > 0) {
      alert.active_at_ns = left < grace_period.count()
                               ? now_ns + grace_period.count() - for_duration.count()
                               : alert.active_at_ns + outage_ns;
    }
  }
}

}  // namespace skald::ruler

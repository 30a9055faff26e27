#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/duration.h"
#include "common/files.h"
#include "common/status.h"
#include "ruler/group_runner.h"

namespace skald::ruler {

// The alerts of one group, as a process leaves them to the next.
struct SavedGroup {
  std::string tenant;
  std::string name_space;
  std::string group;
  int64_t saved_at_ns = 0;  // When this was how they stood.
  std::vector<RuleAlerts> rules;
};

struct SavedAlerts {
  int64_t saved_at_ns = 0;
  std::vector<SavedGroup> groups;
};

// The alerts of all groups in one small file, so that a restart neither forgets since when an alert
// holds nor fires it anew.
//
// Ownership: borrows `files`.
// Threads:   one caller at a time.
// Format:    JSON: {"version":1,"saved_at":NS,"groups":[{"tenant","namespace","group","saved_at",
//            "rules":[{"rule","labels","alerts":[{"labels","annotations","value","state",
//            "active_at","fired_at","resolved_at","keep_firing_since","last_sent"}]}]}]}. Times in
//            nanoseconds; a group without saved_at has that of all; values are texts, as JSON has
//            no infinity; state is 0, 1 or 2.
class StateFile {
 public:
  StateFile(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  // Nothing saved if there is no file. kDataLoss for one that cannot be read.
  Result<SavedAlerts> Load() const;
  // Whole or not at all.
  Status Save(const SavedAlerts& alerts) const;

 private:
  FileSystem& files_;
  const std::string path_;
};

Result<SavedAlerts> DecodeSavedAlerts(std::string_view json);
std::string EncodeSavedAlerts(const SavedAlerts& alerts);

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

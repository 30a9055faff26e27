#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/duration.h"
#include "model/labels.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

enum class AlertState { kInactive, kPending, kFiring };

// "inactive", "pending", "firing".
std::string_view AlertStateName(AlertState state);

// One alert of a rule: a set of labels for which its expression held. Times in nanoseconds, 0 for
// never.
struct Alert {
  model::Labels labels;
  TextMap annotations;
  double value = 0;
  AlertState state = AlertState::kPending;
  int64_t active_at_ns = 0;          // Since when it holds.
  int64_t fired_at_ns = 0;           // Since when it fires.
  int64_t resolved_at_ns = 0;        // When it ended; it is kept for a while, to be told.
  int64_t keep_firing_since_ns = 0;  // It no longer holds since then, but fires on.
  int64_t last_sent_ns = 0;
};

// The alerts of one rule, told by its name and labels, as they go from one runner to the next.
struct RuleAlerts {
  std::string rule;
  TextMap rule_labels;
  std::vector<Alert> alerts;
};

// The alerts of one rule from evaluation to evaluation, with Prometheus' transitions:
//
//   holds ─▶ pending ─(for)─▶ firing ─(no longer holds, keep_firing_for)─▶ inactive ─(15m)─▶ gone
//
// Threads: not synchronised.
class AlertTracker {
 public:
  struct Options {
    Nanoseconds for_duration{0};
    Nanoseconds keep_firing_for{0};
  };

  explicit AlertTracker(const Options& options) : options_(options) {}

  // Whether what is not known to hold is known not to.
  enum class Known { kAll, kInPart };
  // Takes what holds at `now_ns`: labels, annotations and value of each; the labels differ. Of what
  // is known in part no alert ends. True if an alert has changed its state.
  bool Update(std::vector<Alert> holding, int64_t now_ns, Known known = Known::kAll);
  // Goes on with the alerts of another tracker, or of an earlier process.
  void Restore(std::vector<Alert> alerts);

  // The alerts that are to be sent at `now_ns`, which count as sent then.
  std::vector<Alert> TakeDue(int64_t now_ns, Nanoseconds resend_delay);

  // Pending and firing alerts, ordered by their labels.
  std::vector<Alert> Active() const;
  // Those, and resolved ones that are still told.
  std::vector<Alert> All() const;
  // Those, but for ends that have been sent.
  std::vector<Alert> Untold() const;
  // The highest state of any alert.
  AlertState state() const;

 private:
  // What becomes of an alert that is not known to hold; false if it is to be forgotten.
  bool Lasts(Alert& alert, int64_t now_ns, Known known) const;

  Options options_;
  std::map<std::string, Alert, std::less<>> alerts_;  // By their encoded labels.
};

}  // namespace skald::ruler

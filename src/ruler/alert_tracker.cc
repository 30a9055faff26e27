#include "ruler/alert_tracker.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace skald::ruler {
namespace {

// How long the end of an alert is told, for receivers that were away: Prometheus' figure.
constexpr int64_t kResolvedRetentionNs = int64_t{15} * 60 * 1'000'000'000;

bool EndIsUntold(const Alert& alert) { return alert.resolved_at_ns > alert.last_sent_ns; }

bool IsDue(const Alert& alert, int64_t now_ns, int64_t resend_ns) {
  if (alert.state == AlertState::kPending) return false;
  // The end of an alert is told at once.
  return EndIsUntold(alert) || alert.last_sent_ns + resend_ns < now_ns;
}

}  // namespace

std::string_view AlertStateName(AlertState state) {
  switch (state) {
    case AlertState::kInactive:
      return "inactive";
    case AlertState::kPending:
      return "pending";
    case AlertState::kFiring:
      return "firing";
  }
  return "";
}

bool AlertTracker::Lasts(Alert& alert, int64_t now_ns, Known known) const {
  if (known == Known::kInPart && alert.state != AlertState::kInactive) return true;
  if (alert.state == AlertState::kFiring && options_.keep_firing_for.count() > 0) {
    if (alert.keep_firing_since_ns == 0) alert.keep_firing_since_ns = now_ns;
    if (now_ns - alert.keep_firing_since_ns < options_.keep_firing_for.count()) return true;
  }
  if (alert.state == AlertState::kPending) return false;
  if (alert.state == AlertState::kInactive) {
    return now_ns - alert.resolved_at_ns <= kResolvedRetentionNs;
  }
  alert.state = AlertState::kInactive;
  alert.resolved_at_ns = now_ns;
  return true;
}

bool AlertTracker::Update(std::vector<Alert> holding, int64_t now_ns, Known known) {
  bool changed = false;
  std::set<std::string_view> held;
  for (Alert& now : holding) {
    const auto [place, added] = alerts_.try_emplace(std::string(now.labels.encoded()));
    Alert& alert = place->second;
    held.insert(place->first);
    if (added || alert.state == AlertState::kInactive) {
      now.state = AlertState::kPending;
      now.active_at_ns = now_ns;
      alert = std::move(now);
      changed = true;
    } else {
      alert.value = now.value;
      alert.annotations = std::move(now.annotations);
      alert.keep_firing_since_ns = 0;
    }
    const bool fires = now_ns - alert.active_at_ns >= options_.for_duration.count();
    if (alert.state == AlertState::kPending && fires) {
      alert.state = AlertState::kFiring;
      alert.fired_at_ns = now_ns;
      changed = true;
    }
  }
  for (auto at = alerts_.begin(); at != alerts_.end();) {
    const AlertState before = at->second.state;
    const bool goes = !held.contains(at->first) && !Lasts(at->second, now_ns, known);
    changed = changed || goes || at->second.state != before;
    at = goes ? alerts_.erase(at) : std::next(at);
  }
  return changed;
}

void AlertTracker::Restore(std::vector<Alert> alerts) {
  for (Alert& alert : alerts) {
    std::string key(alert.labels.encoded());
    alerts_.insert_or_assign(std::move(key), std::move(alert));
  }
}

std::vector<Alert> AlertTracker::TakeDue(int64_t now_ns, Nanoseconds resend_delay) {
  std::vector<Alert> due;
  for (auto& [key, alert] : alerts_) {
    if (!IsDue(alert, now_ns, resend_delay.count())) continue;
    alert.last_sent_ns = now_ns;
    due.push_back(alert);
  }
  return due;
}

std::vector<Alert> AlertTracker::Active() const {
  std::vector<Alert> active = All();
  std::erase_if(active, [](const Alert& alert) { return alert.state == AlertState::kInactive; });
  std::sort(active.begin(), active.end(),
            [](const Alert& a, const Alert& b) { return a.labels < b.labels; });
  return active;
}

std::vector<Alert> AlertTracker::All() const {
  std::vector<Alert> all;
  all.reserve(alerts_.size());
  for (const auto& [key, alert] : alerts_) all.push_back(alert);
  return all;
}

std::vector<Alert> AlertTracker::Untold() const {
  std::vector<Alert> untold = All();
  std::erase_if(untold, [](const Alert& alert) {
    return alert.state == AlertState::kInactive && !EndIsUntold(alert);
  });
  return untold;
}

AlertState AlertTracker::state() const {
  AlertState highest = AlertState::kInactive;
  for (const auto& [key, alert] : alerts_) highest = std::max(highest, alert.state);
  return highest;
}

}  // namespace skald::ruler

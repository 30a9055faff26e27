#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ruler/alert_tracker.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

enum class RuleHealth { kUnknown, kOk, kFailed };

// How a rule stands. Times in nanoseconds, 0 before the first evaluation.
//
// Threads: a value.
struct RuleStatus {
  Rule rule;
  std::string query;  // The expression in its canonical form.
  RuleHealth health = RuleHealth::kUnknown;
  std::string last_error;
  int64_t last_evaluation_ns = 0;
  double evaluation_seconds = 0;
  AlertState state = AlertState::kInactive;
  std::vector<Alert> alerts;  // Pending and firing ones.
};

// How a group stands.
struct GroupStatus {
  std::string name_space;
  std::string name;
  Nanoseconds interval{0};
  int64_t limit = 0;
  int64_t last_evaluation_ns = 0;
  double evaluation_seconds = 0;
  std::vector<RuleStatus> rules;
};

}  // namespace skald::ruler

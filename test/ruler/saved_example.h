#pragma once

#include <string>

#include "ruler/state_record.h"

namespace skald::ruler::test {

// A group of tenant t and namespace n with an alert of all that one may have.
inline SavedGroup ExampleGroup(std::string name, double value = 1.5) {
  Alert alert;
  alert.labels = model::Labels({{"alertname", "A"}, {"pod", "\xff"}});  // No UTF-8.
  alert.annotations = {{"summary", "s"}};
  alert.value = value;
  alert.state = AlertState::kFiring;
  alert.active_at_ns = 7;
  alert.fired_at_ns = -8;
  alert.resolved_at_ns = 9;
  alert.keep_firing_since_ns = 10;
  alert.last_sent_ns = 11;
  return {.key = {"t", "n", std::move(name)},
          .saved_at_ns = 0,
          .rules = {{.rule = "A", .rule_labels = {{"sev", "page"}}, .alerts = {alert}},
                    {.rule = "B", .rule_labels = {}, .alerts = {}}}};
}

}  // namespace skald::ruler::test

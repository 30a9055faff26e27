#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/duration.h"

namespace skald::ruler {

// Names and texts of labels or annotations, as a rule has them; values are templates.
using TextMap = std::map<std::string, std::string>;

// Where something stands in its file; 0 if it came another way. It is no part of what is said: what
// moves to another line stays the same.
struct SourceLine {
  int number = 0;

  friend bool operator==(const SourceLine&, const SourceLine&) { return true; }
};

// "line 3: text"; the text alone if the line is not known.
inline std::string AtLine(SourceLine line, std::string text) {
  return line.number == 0 ? text : "line " + std::to_string(line.number) + ": " + text;
}

// One alerting or recording rule, as its author wrote it.
//
// Threads: a value.
struct Rule {
  std::string record;  // Of the two exactly one is set, once the rule was checked.
  std::string alert;
  std::string expr;
  Nanoseconds for_duration{0};     // How long it must hold before the alert fires.
  Nanoseconds keep_firing_for{0};  // How long it fires on after it no longer holds.
  TextMap labels;
  TextMap annotations;
  SourceLine line;

  bool is_alert() const { return !alert.empty(); }
  const std::string& name() const { return is_alert() ? alert : record; }

  friend bool operator==(const Rule&, const Rule&) = default;
};

// Rules that are evaluated one after the other at one time.
struct RuleGroup {
  std::string name;
  Nanoseconds interval{0};  // 0: the server's evaluation_interval.
  int64_t limit = 0;        // Series or alerts that a rule may have; 0: any number.
  std::vector<Rule> rules;
  SourceLine line;

  friend bool operator==(const RuleGroup&, const RuleGroup&) = default;
};

// The groups of a tenant by their namespace, in the order in which they are shown.
using RuleNamespaces = std::map<std::string, std::vector<RuleGroup>>;

}  // namespace skald::ruler

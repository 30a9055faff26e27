#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_node.h"
#include "common/regex.h"
#include "common/status.h"
#include "model/labels.h"

namespace skald::notify {

// Prometheus' relabelling: a list of rules that change or drop a set of labels, one after another.
//
// Threads: immutable; any thread may call Apply.
class RelabelRules {
 public:
  RelabelRules() = default;

  // A list as in Prometheus' configuration. kInvalidArgument names the rule, counted from 1, and
  // what is wrong with it, in Prometheus' words where it has some.
  static Result<RelabelRules> Parse(const ConfigNode& list);

  // `labels` as the rules leave them; nullopt if one drops them.
  std::optional<model::Labels> Apply(const model::Labels& labels) const;

  bool empty() const { return rules_.empty(); }

 private:
  enum class Action {
    kReplace,
    kKeep,
    kDrop,
    kKeepEqual,
    kDropEqual,
    kHashMod,
    kLabelMap,
    kLabelDrop,
    kLabelKeep,
    kLowercase,
    kUppercase,
  };

  struct Rule {
    std::vector<std::string> source_labels;
    std::string separator = ";";
    std::shared_ptr<const Regex> regex;
    uint64_t modulus = 0;
    std::string target_label;
    std::string replacement = "$1";
    Action action = Action::kReplace;
  };

  static Result<Action> ParseAction(std::string_view name);
  static Result<Rule> ParseRule(const ConfigNode& node);
  static Status ReadField(const ConfigNode::Member& field, Rule& rule);
  static Status CheckTarget(const Rule& rule, std::string_view action);
  static Status CheckUnused(const ConfigNode& node, Action action, std::string_view name);

  // Both: false if the labels are dropped.
  static bool ApplyRule(const Rule& rule, model::Labels& labels);
  static void Replace(const Rule& rule, std::string_view value, model::LabelsBuilder& builder);
  static void ChangeNames(const Rule& rule, const model::Labels& labels,
                          model::LabelsBuilder& builder);

  std::vector<Rule> rules_;
};

}  // namespace skald::notify

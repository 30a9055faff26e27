#include "ruler/state_json.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

namespace skald::ruler {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

// A whole number, as all numbers of such a file are. The library turns 1e40 into an int64_t as
// well, which has no defined outcome.
int64_t ToInteger(const Json& json) {
  if (json.is_number_integer()) return json.get<int64_t>();
  throw Json::type_error::create(
      302, std::string("a whole number is expected, not a ") + json.type_name(), nullptr);
}

model::Labels ToLabels(const Json& json) {
  model::LabelsBuilder labels;
  for (const auto& [name, value] : json.items()) labels.Set(name, value.get<std::string>());
  return labels.Build();
}

Alert ToAlert(const Json& json) {
  Alert alert;
  alert.labels = ToLabels(json.at("labels"));
  alert.annotations = json.at("annotations").get<TextMap>();
  alert.value = std::strtod(json.at("value").get<std::string>().c_str(), nullptr);
  alert.state = static_cast<AlertState>(std::clamp<int64_t>(ToInteger(json.at("state")), 0, 2));
  alert.active_at_ns = ToInteger(json.at("active_at"));
  alert.fired_at_ns = ToInteger(json.at("fired_at"));
  alert.resolved_at_ns = ToInteger(json.at("resolved_at"));
  alert.keep_firing_since_ns = ToInteger(json.at("keep_firing_since"));
  alert.last_sent_ns = ToInteger(json.at("last_sent"));
  return alert;
}

RuleAlerts ToRuleAlerts(const Json& json) {
  RuleAlerts rule;
  rule.rule = json.at("rule").get<std::string>();
  rule.rule_labels = json.at("labels").get<TextMap>();
  for (const Json& alert : json.at("alerts")) rule.alerts.push_back(ToAlert(alert));
  return rule;
}

}  // namespace

Result<std::vector<SavedGroup>> DecodeStateJson(std::string_view json) {
  try {
    const Json all = Json::parse(json);
    if (ToInteger(all.at("version")) != kVersion) {
      return DataLoss("version " + all.at("version").dump() + " is not known");
    }
    const auto saved_at_ns = ToInteger(all.at("saved_at"));
    std::vector<SavedGroup> groups;
    for (const Json& of : all.at("groups")) {
      SavedGroup& group = groups.emplace_back();
      group.key = {.tenant = of.at("tenant").get<std::string>(),
                   .name_space = of.at("namespace").get<std::string>(),
                   .group = of.at("group").get<std::string>()};
      group.saved_at_ns = of.contains("saved_at") ? ToInteger(of["saved_at"]) : saved_at_ns;
      for (const Json& rule : of.at("rules")) group.rules.push_back(ToRuleAlerts(rule));
    }
    return groups;
  } catch (const Json::exception& e) {
    return DataLoss(e.what());
  }
}

}  // namespace skald::ruler

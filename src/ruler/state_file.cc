#include "ruler/state_file.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "common/json_writer.h"

namespace skald::ruler {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

Json ToJson(const model::Labels& labels) {
  Json json = Json::object();
  for (const model::LabelView label : labels) {
    json[std::string(label.name)] = std::string(label.value);
  }
  return json;
}

model::Labels ToLabels(const Json& json) {
  model::LabelsBuilder labels;
  for (const auto& [name, value] : json.items()) labels.Set(name, value.get<std::string>());
  return labels.Build();
}

Json ToJson(const Alert& alert) {
  std::string value;
  AppendSampleValue(value, alert.value);
  return {{"labels", ToJson(alert.labels)},
          {"annotations", alert.annotations},
          {"value", value},
          {"state", static_cast<int>(alert.state)},
          {"active_at", alert.active_at_ns},
          {"fired_at", alert.fired_at_ns},
          {"resolved_at", alert.resolved_at_ns},
          {"keep_firing_since", alert.keep_firing_since_ns},
          {"last_sent", alert.last_sent_ns}};
}

Alert ToAlert(const Json& json) {
  Alert alert;
  alert.labels = ToLabels(json.at("labels"));
  alert.annotations = json.at("annotations").get<TextMap>();
  alert.value = std::strtod(json.at("value").get<std::string>().c_str(), nullptr);
  alert.state = static_cast<AlertState>(std::clamp(json.at("state").get<int>(), 0, 2));
  alert.active_at_ns = json.at("active_at").get<int64_t>();
  alert.fired_at_ns = json.at("fired_at").get<int64_t>();
  alert.resolved_at_ns = json.at("resolved_at").get<int64_t>();
  alert.keep_firing_since_ns = json.at("keep_firing_since").get<int64_t>();
  alert.last_sent_ns = json.at("last_sent").get<int64_t>();
  return alert;
}

Json ToJson(const RuleAlerts& rule) {
  Json alerts = Json::array();
  for (const Alert& alert : rule.alerts) alerts.push_back(ToJson(alert));
  return {{"rule", rule.rule}, {"labels", rule.rule_labels}, {"alerts", std::move(alerts)}};
}

RuleAlerts ToRuleAlerts(const Json& json) {
  RuleAlerts rule;
  rule.rule = json.at("rule").get<std::string>();
  rule.rule_labels = json.at("labels").get<TextMap>();
  for (const Json& alert : json.at("alerts")) rule.alerts.push_back(ToAlert(alert));
  return rule;
}

}  // namespace

std::string EncodeSavedAlerts(const SavedAlerts& alerts) {
  Json groups = Json::array();
  for (const SavedGroup& group : alerts.groups) {
    Json rules = Json::array();
    for (const RuleAlerts& rule : group.rules) rules.push_back(ToJson(rule));
    groups.push_back({{"tenant", group.tenant},
                      {"namespace", group.name_space},
                      {"group", group.group},
                      {"saved_at", group.saved_at_ns},
                      {"rules", std::move(rules)}});
  }
  const Json all = {
      {"version", kVersion}, {"saved_at", alerts.saved_at_ns}, {"groups", std::move(groups)}};
  // A label's value may be any bytes, a file in JSON may not.
  return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SavedAlerts> DecodeSavedAlerts(std::string_view json) {
  try {
    const Json all = Json::parse(json);
    if (all.at("version").get<int>() != kVersion) {
      return DataLoss("version " + all.at("version").dump() + " is not known");
    }
    SavedAlerts alerts;
    alerts.saved_at_ns = all.at("saved_at").get<int64_t>();
    for (const Json& of : all.at("groups")) {
      SavedGroup& group = alerts.groups.emplace_back();
      group.tenant = of.at("tenant").get<std::string>();
      group.name_space = of.at("namespace").get<std::string>();
      group.group = of.at("group").get<std::string>();
      group.saved_at_ns = of.value("saved_at", alerts.saved_at_ns);
      for (const Json& rule : of.at("rules")) group.rules.push_back(ToRuleAlerts(rule));
    }
    return alerts;
  } catch (const Json::exception& e) {
    return DataLoss(e.what());
  }
}

Result<SavedAlerts> StateFile::Load() const {
  const auto text = files_.ReadAll(path_);
  if (!text.ok()) {
    if (text.status().code() == StatusCode::kNotFound) return SavedAlerts();
    return text.status();
  }
  auto alerts = DecodeSavedAlerts(*text);
  return alerts.ok() ? std::move(alerts) : Annotate(std::move(alerts).status(), path_);
}

Status StateFile::Save(const SavedAlerts& alerts) const {
  return files_.AtomicWrite(path_, EncodeSavedAlerts(alerts));
}

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

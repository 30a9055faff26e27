#include "api/rules_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/ascii.h"
#include "common/json_writer.h"
#include "common/quote.h"
#include "wire/rfc3339.h"

namespace skald::api {
namespace {

std::vector<std::string> AllOf(const net::Form& params, const std::string& name) {
  std::vector<std::string> all;
  for (const std::string_view value : params.GetAll(name)) all.emplace_back(value);
  for (const std::string_view value : params.GetAll(name + "[]")) all.emplace_back(value);
  return all;
}

bool Admits(const std::vector<std::string>& list, const std::string& text) {
  return list.empty() || std::find(list.begin(), list.end(), text) != list.end();
}

bool Admits(const RuleFilter& filter, const ruler::Rule& rule) {
  return (rule.is_alert() ? filter.alerts : filter.records) &&
         Admits(filter.rule_names, rule.name());
}

// "1.5e+00", as Go's FormatFloat with 'e' and the shortest form has it.
std::string ValueText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 64> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  return error == std::errc() ? std::string(text.data(), end) : std::string();
}

std::string TimeText(int64_t time_ns) {
  if (time_ns == 0) return "0001-01-01T00:00:00Z";
  std::string text;
  wire::AppendRfc3339Nano(text, time_ns);
  return text;
}

void Member(JsonWriter& json, std::string_view name, std::string_view text) {
  json.Key(name);
  json.String(text);
}

void WriteTexts(JsonWriter& json, std::string_view name, const ruler::TextMap& texts) {
  json.Key(name);
  json.BeginObject();
  for (const auto& [key, text] : texts) Member(json, key, text);
  json.EndObject();
}

void WriteAlert(JsonWriter& json, const ruler::Alert& alert) {
  json.BeginObject();
  json.Key("labels");
  json.BeginObject();
  for (const model::LabelView label : alert.labels) Member(json, label.name, label.value);
  json.EndObject();
  WriteTexts(json, "annotations", alert.annotations);
  Member(json, "state", ruler::AlertStateName(alert.state));
  Member(json, "activeAt", TimeText(alert.active_at_ns));
  Member(json, "value", ValueText(alert.value));
  json.EndObject();
}

void WriteAlertFields(JsonWriter& json, const ruler::RuleStatus& status) {
  json.Key("duration");
  json.Double(static_cast<double>(status.rule.for_duration.count()) / 1e9);
}

void WriteRule(JsonWriter& json, const ruler::RuleStatus& status) {
  const bool alert = status.rule.is_alert();
  json.BeginObject();
  if (alert) {
    Member(json, "state",
           status.last_evaluation_ns == 0 ? "unknown" : ruler::AlertStateName(status.state));
  }
  Member(json, "name", status.rule.name());
  Member(json, "query", status.query);
  if (alert) WriteAlertFields(json, status);
  WriteTexts(json, "labels", status.rule.labels);
  if (alert) {
    WriteTexts(json, "annotations", status.rule.annotations);
    json.Key("alerts");
    json.BeginArray();
    for (const ruler::Alert& each : status.alerts) WriteAlert(json, each);
    json.EndArray();
  }
  Member(json, "health",
         status.health == ruler::RuleHealth::kOk       ? "ok"
         : status.health == ruler::RuleHealth::kFailed ? "err"
                                                       : "unknown");
  Member(json, "lastError", status.last_error);
  Member(json, "type", alert ? "alerting" : "recording");
  Member(json, "lastEvaluation", TimeText(status.last_evaluation_ns));
  json.Key("evaluationTime");
  json.Double(status.evaluation_seconds);
  json.EndObject();
}

void WriteGroup(JsonWriter& json, const ruler::GroupStatus& group, const RuleFilter& filter) {
  json.BeginObject();
  Member(json, "name", group.name);
  Member(json, "file", group.name_space);
  json.Key("rules");
  json.BeginArray();
  for (const ruler::RuleStatus& status : group.rules) {
    if (Admits(filter, status.rule)) WriteRule(json, status);
  }
  json.EndArray();
  json.Key("interval");
  json.Double(static_cast<double>(group.interval.count()) / 1e9);
  json.Key("limit");
  json.Int(group.limit);
  Member(json, "lastEvaluation", TimeText(group.last_evaluation_ns));
  json.Key("evaluationTime");
  json.Double(group.evaluation_seconds);
  json.EndObject();
}

// A group without rules is shown only where nothing is asked for.
bool IsShown(const ruler::GroupStatus& group, const RuleFilter& filter) {
  const bool any_rule = filter.alerts && filter.records && filter.rule_names.empty();
  return Admits(filter.files, group.name_space) && Admits(filter.groups, group.name) &&
         (any_rule || std::any_of(group.rules.begin(), group.rules.end(),
                                  [&](const auto& status) { return Admits(filter, status.rule); }));
}

}  // namespace

Result<RuleFilter> RuleFilter::Read(const net::Form& params) {
  RuleFilter filter;
  const std::string type = LowerCase(params.Get("type"));
  if (!type.empty() && type != "alert" && type != "record") {
    return InvalidArgument("not supported value " + GoQuote(params.Get("type")));
  }
  filter.alerts = type != "record";
  filter.records = type != "alert";
  filter.rule_names = AllOf(params, "rule_name");
  filter.groups = AllOf(params, "rule_group");
  filter.files = AllOf(params, "file");
  return filter;
}

std::string RulesJson(const std::vector<ruler::GroupStatus>& groups, const RuleFilter& filter) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("groups");
  json.BeginArray();
  for (const ruler::GroupStatus& group : groups) {
    if (IsShown(group, filter)) WriteGroup(json, group, filter);
  }
  json.EndArray();
  json.EndObject();
  return out;
}

std::string AlertsJson(const std::vector<ruler::GroupStatus>& groups) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("alerts");
  json.BeginArray();
  for (const ruler::GroupStatus& group : groups) {
    for (const ruler::RuleStatus& rule : group.rules) {
      for (const ruler::Alert& alert : rule.alerts) WriteAlert(json, alert);
    }
  }
  json.EndArray();
  json.EndObject();
  return out;
}

std::string RulesSuccess(std::string_view data) {
  return R"({"status":"success","data":)" + std::string(data) + R"(,"errorType":"","error":""})";
}

std::string RulesError(std::string_view type, std::string_view message) {
  std::string out = R"({"status":"error","data":null,"errorType":)";
  AppendJsonString(out, type);
  out += R"(,"error":)";
  AppendJsonString(out, message);
  return out + "}";
}

}  // namespace skald::api

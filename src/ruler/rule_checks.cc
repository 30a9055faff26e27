#include "ruler/rule_checks.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "common/quote.h"
#include "common/utf8.h"
#include "logql/parser.h"
#include "model/label_name.h"
#include "ruler/alert_template.h"

namespace skald::ruler {
namespace {

using Errors = std::vector<std::string>;

// A label's name in which : may stand anywhere.
bool IsMetricName(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
  };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

void CheckTemplates(const Rule& rule, std::string_view what, const TextMap& texts, Errors& errors) {
  for (const auto& [name, text] : texts) {
    const auto parsed = AlertTemplate::Parse(rule.alert, text);
    if (parsed.ok()) continue;
    errors.push_back(std::string(what) + " " + GoQuote(name) + ": " +
                     std::string(parsed.status().message()));
  }
}

void CheckLabels(const Rule& rule, Errors& errors) {
  for (const auto& [name, value] : rule.labels) {
    if (!model::IsLabelName(name) || name == "__name__")
      errors.push_back("invalid label name: " + name);
    if (!IsValidUtf8(value)) errors.push_back("invalid label value: " + value);
  }
  for (const auto& [name, value] : rule.annotations) {
    if (!model::IsLabelName(name)) errors.push_back("invalid annotation name: " + name);
  }
}

void CheckExpression(const RuleGroup& group, const Rule& rule, Errors& errors) {
  if (rule.expr.empty()) {
    errors.emplace_back("field 'expr' must be set in rule");
    return;
  }
  const auto parsed = logql::Parse(rule.expr);
  if (parsed.ok()) return;
  errors.push_back("could not parse expression for " +
                   std::string(rule.is_alert() ? "alert" : "record") + " '" + rule.name() +
                   "' in group '" + group.name + "': " + std::string(parsed.status().message()));
}

void CheckRule(const RuleGroup& group, const Rule& rule, Errors& errors) {
  if (!rule.record.empty() && !rule.alert.empty()) {
    errors.emplace_back("only one of 'record' and 'alert' must be set");
    return;
  }
  if (rule.record.empty() && rule.alert.empty()) {
    errors.emplace_back("one of 'record' or 'alert' must be set");
    return;
  }
  CheckExpression(group, rule, errors);
  if (!rule.record.empty()) {
    if (!rule.annotations.empty()) {
      errors.emplace_back("invalid field 'annotations' in recording rule");
    }
    if (rule.for_duration.count() != 0) {
      errors.emplace_back("invalid field 'for' in recording rule");
    }
    if (!IsMetricName(rule.record)) {
      errors.push_back("invalid recording rule name: " + rule.record);
    }
  }
  CheckLabels(rule, errors);
  if (rule.is_alert()) {
    CheckTemplates(rule, "label", rule.labels, errors);
    CheckTemplates(rule, "annotation", rule.annotations, errors);
  }
}

std::string NoName(size_t index) {
  return "group " + std::to_string(index) + ": Groupname must not be empty";
}

}  // namespace

std::vector<std::string> CheckGroup(const RuleGroup& group, size_t index) {
  if (group.name.empty()) return {NoName(index)};
  Errors errors;
  for (const Rule& rule : group.rules) CheckRule(group, rule, errors);
  return errors;
}

std::vector<std::string> CheckGroups(const std::vector<RuleGroup>& groups) {
  Errors errors;
  std::set<std::string_view> names;
  for (size_t g = 0; g < groups.size(); ++g) {
    const RuleGroup& group = groups[g];
    if (group.name.empty()) {
      errors.push_back(AtLine(group.line, NoName(g)));
      continue;
    }
    if (!names.insert(group.name).second) {
      errors.push_back(AtLine(
          group.line, "groupname: " + GoQuote(group.name) + " is repeated in the same file"));
    }
    for (const Rule& rule : group.rules) {
      Errors of_rule;
      CheckRule(group, rule, of_rule);
      for (std::string& error : of_rule) errors.push_back(AtLine(rule.line, std::move(error)));
    }
  }
  return errors;
}

}  // namespace skald::ruler

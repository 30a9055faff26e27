#include "ruler/rule_yaml.h"

#include <yaml-cpp/yaml.h>

#include "ruler/yaml_reader.h"
#include "ruler/yaml_writer.h"

namespace skald::ruler {
namespace {

using UnknownKeys = YamlReader::UnknownKeys;

// Reads documents into groups.
class GroupReader {
 public:
  explicit GroupReader(UnknownKeys unknown) : yaml_(unknown) {}

  Status ReadFile(const YAML::Node& node, std::vector<RuleGroup>& groups) {
    if (YamlReader::IsNull(node)) return Status();
    return yaml_.ReadMap(node, "a rule file", [&](const std::string& key, const YAML::Node& value) {
      if (key == "namespace") return Status();  // lokitool's files name theirs.
      if (key != "groups") return yaml_.Unknown(key);
      return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
        return ReadGroup(item, groups.emplace_back());
      });
    });
  }

  Status ReadGroup(const YAML::Node& node, RuleGroup& group) {
    group.line = YamlReader::LineOf(node);
    if (YamlReader::IsNull(node)) return Status();
    return yaml_.ReadMap(node, "a group", [&](const std::string& key, const YAML::Node& value) {
      if (key == "name") return YamlReader::ReadText(value, key, group.name);
      if (key == "interval") return YamlReader::ReadDuration(value, key, group.interval);
      if (key == "limit") return YamlReader::ReadInteger(value, key, group.limit);
      if (key == "rules") {
        return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
          return ReadRule(item, group.rules.emplace_back());
        });
      }
      return yaml_.Unknown(key);
    });
  }

 private:
  Status ReadRule(const YAML::Node& node, Rule& rule) {
    rule.line = YamlReader::LineOf(node);
    return yaml_.ReadMap(node, "a rule", [&](const std::string& key, const YAML::Node& value) {
      if (key == "record") return YamlReader::ReadText(value, key, rule.record);
      if (key == "alert") return YamlReader::ReadText(value, key, rule.alert);
      if (key == "expr") return YamlReader::ReadText(value, key, rule.expr);
      if (key == "for") return YamlReader::ReadDuration(value, key, rule.for_duration);
      if (key == "keep_firing_for") {
        return YamlReader::ReadDuration(value, key, rule.keep_firing_for);
      }
      if (key == "labels") return yaml_.ReadTexts(value, key, rule.labels);
      if (key == "annotations") return yaml_.ReadTexts(value, key, rule.annotations);
      return yaml_.Unknown(key);
    });
  }

  YamlReader yaml_;
};

void PrintTexts(YamlMapWriter& out, std::string_view key, const TextMap& texts) {
  if (texts.empty()) return;
  YamlMapWriter map = out.Map(key);
  for (const auto& [name, text] : texts) map.Text(name, text);
}

void PrintDuration(YamlMapWriter& out, std::string_view key, Nanoseconds length) {
  if (length.count() != 0) out.Text(key, FormatPrometheusDuration(length));
}

// Whether what clients do not know is printed.
enum class Extent { kKnown, kAll };

void PrintRule(YamlMapWriter out, const Rule& rule, Extent extent) {
  out.Text(rule.is_alert() ? "alert" : "record", rule.name());
  out.Text("expr", rule.expr);
  PrintDuration(out, "for", rule.for_duration);
  if (extent == Extent::kAll) PrintDuration(out, "keep_firing_for", rule.keep_firing_for);
  PrintTexts(out, "labels", rule.labels);
  PrintTexts(out, "annotations", rule.annotations);
}

void PrintGroup(YamlMapWriter out, const RuleGroup& group, Extent extent) {
  out.Text("name", group.name);
  PrintDuration(out, "interval", group.interval);
  if (group.limit != 0) out.Number("limit", group.limit);
  if (group.rules.empty()) {
    out.EmptyList("rules");
    return;
  }
  out.List("rules");
  for (const Rule& rule : group.rules) PrintRule(out.Item(), rule, extent);
}

}  // namespace

Result<RuleGroup> ParseGroupYaml(std::string_view text) {
  RuleGroup group;
  SKALD_RETURN_IF_ERROR(ReadYamlDocument(text, [&](const YAML::Node& node) {
    return GroupReader(UnknownKeys::kPassed).ReadGroup(node, group);
  }));
  return group;
}

Result<std::vector<RuleGroup>> ParseRuleFileYaml(std::string_view text) {
  std::vector<RuleGroup> groups;
  SKALD_RETURN_IF_ERROR(ReadYamlDocument(text, [&](const YAML::Node& node) {
    return GroupReader(UnknownKeys::kRefused).ReadFile(node, groups);
  }));
  return groups;
}

std::string PrintGroupYaml(const RuleGroup& group) {
  std::string text;
  PrintGroup(YamlMapWriter(text), group, Extent::kKnown);
  return text;
}

std::string PrintWholeGroupYaml(const RuleGroup& group) {
  std::string text;
  PrintGroup(YamlMapWriter(text), group, Extent::kAll);
  return text;
}

std::string PrintNamespacesYaml(const RuleNamespaces& namespaces) {
  std::string text;
  YamlMapWriter out(text);
  for (const auto& [name, groups] : namespaces) {
    out.List(name);
    for (const RuleGroup& group : groups) PrintGroup(out.Item(), group, Extent::kKnown);
  }
  return text;
}

}  // namespace skald::ruler

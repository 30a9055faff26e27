#include "ruler/rule_yaml.h"

#include <yaml-cpp/yaml.h>

#include "ruler/yaml_reader.h"

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

void EmitTexts(YAML::Emitter& out, const char* key, const TextMap& texts) {
  if (texts.empty()) return;
  out << YAML::Key << key << YAML::Value << YAML::BeginMap;
  for (const auto& [name, text] : texts) {
    out << YAML::Key << name << YAML::Value;
    if (text.find('\n') != std::string::npos) out << YAML::DoubleQuoted;
    out << text;
  }
  out << YAML::EndMap;
}

void EmitDuration(YAML::Emitter& out, const char* key, Nanoseconds length) {
  if (length.count() == 0) return;
  out << YAML::Key << key << YAML::Value << FormatPrometheusDuration(length);
}

void EmitRule(YAML::Emitter& out, const Rule& rule) {
  out << YAML::BeginMap;
  out << YAML::Key << (rule.is_alert() ? "alert" : "record") << YAML::Value << rule.name();
  out << YAML::Key << "expr" << YAML::Value;
  if (rule.expr.find('\n') != std::string::npos) out << YAML::DoubleQuoted;
  out << rule.expr;
  EmitDuration(out, "for", rule.for_duration);
  EmitTexts(out, "labels", rule.labels);
  EmitTexts(out, "annotations", rule.annotations);
  out << YAML::EndMap;
}

void EmitGroup(YAML::Emitter& out, const RuleGroup& group) {
  out << YAML::BeginMap << YAML::Key << "name" << YAML::Value << group.name;
  EmitDuration(out, "interval", group.interval);
  if (group.limit != 0) out << YAML::Key << "limit" << YAML::Value << group.limit;
  out << YAML::Key << "rules" << YAML::Value;
  if (group.rules.empty()) out << YAML::Flow;
  out << YAML::BeginSeq;
  for (const Rule& rule : group.rules) EmitRule(out, rule);
  out << YAML::EndSeq << YAML::EndMap;
}

std::string Text(const YAML::Emitter& out) { return std::string(out.c_str(), out.size()) + "\n"; }

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
  YAML::Emitter out;
  EmitGroup(out, group);
  return Text(out);
}

std::string PrintNamespacesYaml(const RuleNamespaces& namespaces) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  for (const auto& [name, groups] : namespaces) {
    out << YAML::Key << name << YAML::Value << YAML::BeginSeq;
    for (const RuleGroup& group : groups) EmitGroup(out, group);
    out << YAML::EndSeq;
  }
  out << YAML::EndMap;
  return Text(out);
}

}  // namespace skald::ruler

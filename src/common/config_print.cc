// How Settings show themselves: as YAML, as help for flags, as a table.

#include <algorithm>
#include <utility>

#include "common/config.h"

namespace skald {
namespace {

ConfigNode& Descend(ConfigNode& root, std::string_view key) {
  ConfigNode* node = &root;
  while (true) {
    const size_t dot = key.find('.');
    const std::string_view name = key.substr(0, dot);
    node->kind = ConfigNode::Kind::kMap;
    const auto it = std::find_if(node->members.begin(), node->members.end(),
                                 [&](const auto& member) { return member.name == name; });
    if (it != node->members.end()) {
      node = &it->node;
    } else {
      ConfigNode::Member& added = node->members.emplace_back();
      added.name = name;
      node = &added.node;
    }
    if (dot == std::string_view::npos) return *node;
    key.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string Settings::Print(What what) const {
  ConfigNode root;
  root.kind = ConfigNode::Kind::kMap;
  for (const Setting& setting : settings_) {
    ConfigNode node = what == What::kDefaults ? setting.default_node : setting.print();
    if (what == What::kChanged && PrintYaml(node) == setting.default_text) continue;
    Descend(root, setting.key) = std::move(node);
  }
  return PrintYaml(root);
}

std::vector<Settings::Value> Settings::Values() const {
  std::vector<Value> values;
  for (const Setting& setting : settings_) {
    values.push_back({.key = setting.key, .kind = setting.kind, .node = setting.print()});
  }
  return values;
}

std::string Settings::Help() const {
  std::string out;
  for (const std::vector<Setting>* settings : {&settings_, &member_flags_}) {
    for (const Setting& setting : *settings) {
      if (setting.flag.empty()) continue;
      std::string value = setting.default_node.scalar;
      for (const ConfigNode& item : setting.default_node.items) {
        value += (value.empty() ? "" : ",") + item.scalar;
      }
      out += "  -" + setting.flag + "\n        " + setting.help;
      out += value.empty() ? "\n" : " (default " + value + ")\n";
    }
  }
  return out;
}

std::string Settings::Reference() const {
  std::string out = "| Key | Flag | Default | |\n|---|---|---|---|\n";
  for (const Setting& setting : settings_) {
    std::string value = setting.default_text;
    while (!value.empty() && value.back() == '\n') value.pop_back();
    std::replace(value.begin(), value.end(), '\n', ' ');
    const std::string flag = setting.flag.empty() ? "" : "`-" + setting.flag + "`";
    value = value == "null" || value == "\"\"" ? "" : "`" + value + "`";
    out += "| `" + setting.key + "` | " + flag + " | " + value + " | " + setting.help + " |\n";
  }
  return out;
}

}  // namespace skald

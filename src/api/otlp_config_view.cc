#include "api/otlp_config_view.h"

#include <string_view>
#include <utility>

namespace skald::api {
namespace {

ConfigNode Scalar(std::string_view text) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::kScalar;
  node.scalar = text;
  return node;
}

ConfigNode List(const std::vector<std::string>& texts) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::kList;
  for (const std::string& text : texts) node.items.push_back(Scalar(text));
  return node;
}

void Set(ConfigNode& map, std::string_view name, ConfigNode node) {
  map.kind = ConfigNode::Kind::kMap;
  map.members.push_back({.name = std::string(name), .node = std::move(node)});
}

// Rules with the actions that they have by default.
ConfigNode ViewOfRules(const ConfigNode* rules) {
  ConfigNode view;
  view.kind = ConfigNode::Kind::kList;
  if (rules == nullptr) return view;
  for (const ConfigNode& rule : rules->items) {
    ConfigNode& shown = view.items.emplace_back();
    Set(shown, "action", Scalar(rule.Text("action", "structured_metadata")));
    for (const ConfigNode::Member& member : rule.members) {
      if (member.name != "action") Set(shown, member.name, member.node);
    }
  }
  return view;
}

ConfigNode ViewOfResources(const ConfigNode* resources,
                           const std::vector<std::string>& index_labels) {
  static const ConfigNode kNothing;
  const ConfigNode& config = resources == nullptr ? kNothing : *resources;
  const bool ignore_defaults = config.Text("ignore_defaults") == "true";
  ConfigNode rules = ViewOfRules(config.Find("attributes_config"));
  if (!ignore_defaults && !index_labels.empty()) {
    ConfigNode defaults;
    Set(defaults, "action", Scalar("index_label"));
    Set(defaults, "attributes", List(index_labels));
    rules.items.insert(rules.items.begin(), std::move(defaults));
  }
  ConfigNode view;
  if (!rules.items.empty()) Set(view, "attributes_config", std::move(rules));
  if (ignore_defaults) Set(view, "ignore_defaults", Scalar("true"));
  return view;
}

}  // namespace

ConfigNode ViewOfOtlpConfig(const ConfigNode& config,
                            const std::vector<std::string>& index_labels) {
  ConfigNode view;
  const auto add_rules = [&](std::string_view name) {
    ConfigNode rules = ViewOfRules(config.Find(name));
    if (!rules.items.empty()) Set(view, name, std::move(rules));
  };
  add_rules("log_attributes");
  ConfigNode resources = ViewOfResources(config.Find("resource_attributes"), index_labels);
  if (!resources.members.empty()) Set(view, "resource_attributes", std::move(resources));
  add_rules("scope_attributes");
  if (config.Text("severity_text_as_label") == "true") {
    Set(view, "severity_text_as_label", Scalar("true"));
  }
  return view;
}

}  // namespace skald::api

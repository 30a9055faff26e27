#include "wire/otlp_mapping.h"

#include <utility>

namespace skald::wire {
namespace {

Result<OtlpAction> ParseAction(std::string_view text) {
  if (text.empty() || text == "structured_metadata") return OtlpAction::kMetadata;
  if (text == "index_label") return OtlpAction::kLabel;
  if (text == "drop") return OtlpAction::kDrop;
  return InvalidArgument(
      "unsupported action, it must be one of: drop, index_label, structured_metadata");
}

bool IsTrue(const ConfigNode& node, std::string_view name) { return node.Text(name) == "true"; }

const ConfigNode& MemberOf(const ConfigNode& node, std::string_view name) {
  static const ConfigNode kNothing;
  const ConfigNode* member = node.Find(name);
  return member == nullptr ? kNothing : *member;
}

}  // namespace

OtlpAction OtlpRules::ActionFor(std::string_view name) const {
  Rule best{.place = static_cast<size_t>(-1)};
  if (const auto named = names_.find(name); named != names_.end()) best = named->second;
  for (const Expression& expression : expressions_) {
    if (expression.rule.place >= best.place) break;
    if (expression.regex->Matches(name)) return expression.rule.action;
  }
  return best.action;
}

void OtlpRules::AddNames(const std::vector<std::string>& names, Rule rule) {
  for (const std::string& name : names) names_.emplace(name, rule);  // The first rule stays.
}

Status OtlpMapping::Add(const ConfigNode& rules, OtlpRules& out) {
  for (size_t i = 0; i < rules.items.size(); ++i) {
    const ConfigNode& rule = rules.items[i];
    SKALD_ASSIGN_OR_RETURN(const OtlpAction action, ParseAction(rule.Text("action")));
    std::vector<std::string> names;
    for (const ConfigNode& name : MemberOf(rule, "attributes").items) names.push_back(name.scalar);
    const std::string_view regex = rule.Text("regex");
    if (names.empty() && regex.empty()) {
      return InvalidArgument("attributes or regex must be set");
    }
    if (!names.empty() && !regex.empty()) {
      return InvalidArgument("only one of attributes or regex must be set");
    }
    const OtlpRules::Rule made{.place = i + 1, .action = action};  // The defaults have place 0.
    out.AddNames(names, made);
    if (regex.empty()) continue;
    SKALD_ASSIGN_OR_RETURN(auto compiled, Regex::Compile(regex, Regex::Anchor::kBoth));
    out.expressions_.push_back({.rule = made, .regex = std::move(compiled)});
  }
  return {};
}

Result<OtlpMapping> OtlpMapping::Compile(const ConfigNode& config, const Options& options) {
  OtlpMapping mapping;
  const ConfigNode& resource = MemberOf(config, "resource_attributes");
  if (!IsTrue(resource, "ignore_defaults")) {
    mapping.resource_.AddNames(options.index_labels, {.place = 0, .action = OtlpAction::kLabel});
  }
  const auto annotate = [](Status status, std::string_view list) {
    return Annotate(std::move(status), "otlp_config: " + std::string(list));
  };
  SKALD_RETURN_IF_ERROR(annotate(Add(MemberOf(resource, "attributes_config"), mapping.resource_),
                                 "resource_attributes"));
  const ConfigNode& scope = MemberOf(config, "scope_attributes");
  for (const ConfigNode& rule : scope.items) {
    if (rule.Text("action") != "index_label") continue;
    return annotate(InvalidArgument("index_label action is only supported for resource_attributes"),
                    "scope_attributes");
  }
  SKALD_RETURN_IF_ERROR(annotate(Add(scope, mapping.scope_), "scope_attributes"));
  SKALD_RETURN_IF_ERROR(
      annotate(Add(MemberOf(config, "log_attributes"), mapping.record_), "log_attributes"));
  mapping.severity_text_as_label_ = IsTrue(config, "severity_text_as_label");
  mapping.discover_service_name_ = options.discover_service_name;
  return mapping;
}

}  // namespace skald::wire

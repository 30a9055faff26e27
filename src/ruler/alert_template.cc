#include "ruler/alert_template.h"

#include <utility>
#include <vector>

#include "logql/template/template_executor.h"
#include "ruler/query_functions.h"
#include "ruler/template_functions.h"

namespace skald::ruler {
namespace {

using logql::TemplateMap;
using logql::TemplateValue;

// Names that rules use without having declared them.
constexpr std::string_view kDeclarations =
    "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}"
    "{{$externalURL := .ExternalURL}}{{$value := .Value}}";

// A map in which a name that is not there is an empty text.
TemplateValue LabelsValue(const TemplateMap& map) {
  TemplateValue value;
  value.kind = TemplateValue::Kind::kLabels;
  value.map = &map;
  return value;
}

TemplateMap MapOf(const model::Labels& labels) {
  TemplateMap map;
  for (const model::LabelView label : labels) {
    map.members.emplace_back(label.name, TemplateValue::String(label.value));
  }
  return map;
}

void CollectLabels(const logql::TemplateNodes& nodes, std::set<std::string>& names) {
  using Type = logql::TemplateNodeType;
  for (const auto& node : nodes) {
    const bool variable = node->type == Type::kVariable && node->text == "$labels";
    if (variable && !node->idents.empty()) names.insert(node->idents[0]);
    const bool field = node->type == Type::kField && node->idents.size() > 1;
    if (field && node->idents[0] == "Labels") names.insert(node->idents[1]);
    CollectLabels(node->children, names);
    CollectLabels(node->body, names);
    CollectLabels(node->otherwise, names);
  }
}

}  // namespace

Result<AlertTemplate> AlertTemplate::Parse(std::string_view alert, std::string_view text) {
  SKALD_ASSIGN_OR_RETURN(
      logql::Template parsed,
      logql::Template::Parse("__alert_" + std::string(alert),
                             std::string(kDeclarations) + std::string(text), FindAlertFunction));
  return AlertTemplate(std::move(parsed));
}

std::string AlertTemplate::Expand(const AlertTemplateData& data) const {
  const TemplateMap labels = MapOf(data.labels);
  const TemplateMap external_labels = MapOf(data.external_labels);
  TemplateMap dot;
  dot.members = {{"ExternalLabels", LabelsValue(external_labels)},
                 {"ExternalURL", TemplateValue::String(data.external_url)},
                 {"Labels", LabelsValue(labels)},
                 {"Value", TemplateValue::Float(data.value)}};
  const std::vector<std::string_view> fields(template_->fields().size());
  logql::TemplateExecutor executor;
  std::string out;
  AlertTemplateHost host(*template_, data);
  const logql::TemplateInput input{.fields = fields, .dot = &dot, .host = &host};
  if (executor.Run(*template_, input, out)) return out;
  return "<error expanding template: error executing template __alert: " + executor.error() + ">";
}

std::set<std::string> AlertTemplate::LabelsUsed() const {
  std::set<std::string> names;
  CollectLabels(template_->root(), names);
  return names;
}

}  // namespace skald::ruler

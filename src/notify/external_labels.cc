#include "notify/external_labels.h"

#include "common/quote.h"
#include "model/label_name.h"

namespace skald::notify {

Result<model::Labels> ParseExternalLabels(const ConfigNode& map) {
  using Kind = ConfigNode::Kind;
  if (map.kind == Kind::kNull) return model::Labels();
  if (map.kind != Kind::kMap) return InvalidArgument("must be a map of names and texts");
  model::LabelsBuilder labels;
  for (const ConfigNode::Member& member : map.members) {
    if (!model::IsLabelName(member.name)) {
      return InvalidArgument(GoQuote(member.name) + " is not a valid label name");
    }
    if (member.node.kind == Kind::kList || member.node.kind == Kind::kMap) {
      return InvalidArgument(member.name + " must be a text");
    }
    labels.Set(member.name, member.node.scalar);
  }
  return labels.Build();
}

model::Labels WithExternalLabels(const model::Labels& labels, const model::Labels& external) {
  if (external.empty()) return labels;
  model::LabelsBuilder builder(labels);
  for (const model::LabelView label : external) {
    if (!labels.Has(label.name)) builder.Set(label.name, label.value);
  }
  return builder.Build();
}

}  // namespace skald::notify

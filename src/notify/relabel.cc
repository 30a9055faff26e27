#include "notify/relabel.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "common/ascii.h"
#include "common/quote.h"
#include "model/label_name.h"

namespace skald::notify {
namespace {

constexpr std::string_view kDefaultRegex = "(.*)";

// A label's name in which $1, $name and ${name} may occur.
bool IsNameTemplate(std::string_view text) {
  static const auto* const kTemplate = new auto(
      Regex::Compile(R"((?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+)", Regex::Anchor::kBoth).value());
  return (*kTemplate)->Matches(text);
}

// The last eight bytes of the MD5 sum, the first of them most significant.
uint64_t ShortMd5(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum = {};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), sum.data(), &size, EVP_md5(), nullptr);
  uint64_t hash = 0;
  for (size_t i = 8; i < 16; ++i) hash = hash << 8 | sum[i];
  return hash;
}

std::string Joined(const std::vector<std::string>& names, std::string_view separator,
                   const model::Labels& labels) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text.append(separator);
    text.append(labels.Get(names[i]));
  }
  return text;
}

}  // namespace

Result<RelabelRules> RelabelRules::Parse(const ConfigNode& list) {
  RelabelRules rules;
  if (list.kind == ConfigNode::Kind::kNull) return rules;
  if (list.kind != ConfigNode::Kind::kList) return InvalidArgument("relabel rules are no list");
  for (const ConfigNode& node : list.items) {
    Result<Rule> rule = ParseRule(node);
    if (!rule.ok()) {
      return Annotate(std::move(rule).status(),
                      "relabel rule " + std::to_string(rules.rules_.size() + 1));
    }
    rules.rules_.push_back(*std::move(rule));
  }
  return rules;
}

Result<RelabelRules::Action> RelabelRules::ParseAction(std::string_view name) {
  static constexpr std::pair<std::string_view, Action> kActions[] = {
      {"replace", Action::kReplace},     {"keep", Action::kKeep},
      {"drop", Action::kDrop},           {"keepequal", Action::kKeepEqual},
      {"dropequal", Action::kDropEqual}, {"hashmod", Action::kHashMod},
      {"labelmap", Action::kLabelMap},   {"labeldrop", Action::kLabelDrop},
      {"labelkeep", Action::kLabelKeep}, {"lowercase", Action::kLowercase},
      {"uppercase", Action::kUppercase},
  };
  const std::string lower = LowerCase(name);
  for (const auto& [known, action] : kActions) {
    if (known == lower) return action;
  }
  return InvalidArgument("unknown relabel action " + GoQuote(name));
}

Status RelabelRules::ReadField(const ConfigNode::Member& field, Rule& rule) {
  const std::string& text = field.node.scalar;
  if (field.name == "source_labels") {
    for (const ConfigNode& item : field.node.items) {
      if (!model::IsLabelName(item.scalar)) {
        return InvalidArgument(GoQuote(item.scalar) + " is not a valid label name");
      }
      rule.source_labels.push_back(item.scalar);
    }
  } else if (field.name == "separator") {
    rule.separator = text;
  } else if (field.name == "regex") {
    SKALD_ASSIGN_OR_RETURN(rule.regex, Regex::Compile(text, Regex::Anchor::kBoth));
  } else if (field.name == "modulus") {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rule.modulus);
    if (error != std::errc() || end != text.data() + text.size()) {
      return InvalidArgument("modulus: " + GoQuote(text) + " is no number");
    }
  } else if (field.name == "target_label") {
    rule.target_label = text;
  } else if (field.name == "replacement") {
    rule.replacement = text;
  } else if (field.name == "action") {
    SKALD_ASSIGN_OR_RETURN(rule.action, ParseAction(text));
  } else {
    return InvalidArgument("unknown field " + GoQuote(field.name));
  }
  return {};
}

Result<RelabelRules::Rule> RelabelRules::ParseRule(const ConfigNode& node) {
  Rule rule;
  SKALD_ASSIGN_OR_RETURN(rule.regex, Regex::Compile(kDefaultRegex, Regex::Anchor::kBoth));
  for (const ConfigNode::Member& field : node.members) {
    SKALD_RETURN_IF_ERROR(ReadField(field, rule));
  }
  const std::string action = LowerCase(node.Text("action", "replace"));
  SKALD_RETURN_IF_ERROR(CheckTarget(rule, action));
  SKALD_RETURN_IF_ERROR(CheckUnused(node, rule.action, action));
  return rule;
}

Status RelabelRules::CheckTarget(const Rule& rule, std::string_view action) {
  const std::string name(action);
  const auto bad = [&name](std::string_view text, const char* field) {
    return InvalidArgument(GoQuote(text) + " is invalid '" + field + "' for " + name + " action");
  };
  switch (rule.action) {
    case Action::kReplace:
    case Action::kHashMod:
    case Action::kLowercase:
    case Action::kUppercase:
    case Action::kKeepEqual:
    case Action::kDropEqual:
      if (rule.action == Action::kHashMod && rule.modulus == 0) {
        return InvalidArgument("relabel configuration for hashmod requires non-zero modulus");
      }
      if (rule.target_label.empty()) {
        return InvalidArgument("relabel configuration for " + name +
                               " action requires 'target_label' value");
      }
      if (rule.action == Action::kReplace ? !IsNameTemplate(rule.target_label)
                                          : !model::IsLabelName(rule.target_label)) {
        return bad(rule.target_label, "target_label");
      }
      return {};
    case Action::kLabelMap:
      return IsNameTemplate(rule.replacement) ? Status() : bad(rule.replacement, "replacement");
    default:
      return {};
  }
}

Status RelabelRules::CheckUnused(const ConfigNode& node, Action action, std::string_view name) {
  std::vector<std::string_view> allowed;
  if (action == Action::kLabelDrop || action == Action::kLabelKeep) {
    allowed = {"action", "regex"};
  } else if (action == Action::kKeepEqual || action == Action::kDropEqual) {
    allowed = {"action", "source_labels", "target_label"};
  } else {
    return {};
  }
  for (const ConfigNode::Member& field : node.members) {
    if (std::find(allowed.begin(), allowed.end(), field.name) == allowed.end()) {
      std::string text = std::string(name) + " action requires only '";
      text += allowed.size() == 2 ? "regex" : "source_labels' and `target_label";
      return InvalidArgument(text + "', and no other fields");
    }
  }
  return {};
}

std::optional<model::Labels> RelabelRules::Apply(const model::Labels& labels) const {
  model::Labels changed = labels;
  for (const Rule& rule : rules_) {
    if (!ApplyRule(rule, changed)) return std::nullopt;
  }
  return changed;
}

bool RelabelRules::ApplyRule(const Rule& rule, model::Labels& labels) {
  const std::string value = Joined(rule.source_labels, rule.separator, labels);
  model::LabelsBuilder builder(labels);
  switch (rule.action) {
    case Action::kKeep:
      return rule.regex->Matches(value);
    case Action::kDrop:
      return !rule.regex->Matches(value);
    case Action::kKeepEqual:
      return labels.Get(rule.target_label) == value;
    case Action::kDropEqual:
      return labels.Get(rule.target_label) != value;
    case Action::kReplace:
      Replace(rule, value, builder);
      break;
    case Action::kHashMod:
      builder.Set(rule.target_label, std::to_string(ShortMd5(value) % rule.modulus));
      break;
    case Action::kLowercase:
      builder.Set(rule.target_label, LowerCase(value));
      break;
    case Action::kUppercase:
      builder.Set(rule.target_label, UpperCase(value));
      break;
    case Action::kLabelMap:
    case Action::kLabelDrop:
    case Action::kLabelKeep:
      ChangeNames(rule, labels, builder);
      break;
  }
  labels = builder.Build();
  return true;
}

void RelabelRules::Replace(const Rule& rule, std::string_view value,
                           model::LabelsBuilder& builder) {
  std::vector<std::pair<int, int>> groups;
  if (!rule.regex->Find(value, 0, groups)) return;
  std::string target;
  rule.regex->Expand(value, groups, rule.target_label, target);
  if (!model::IsLabelName(target)) return;
  std::string text;
  rule.regex->Expand(value, groups, rule.replacement, text);
  builder.Set(target, text);
}

void RelabelRules::ChangeNames(const Rule& rule, const model::Labels& labels,
                               model::LabelsBuilder& builder) {
  for (const model::LabelView& label : labels) {
    const bool matches = rule.regex->Matches(label.name);
    if (rule.action == Action::kLabelMap) {
      if (matches) {
        builder.Set(rule.regex->ReplaceAll(label.name, rule.replacement, /*literal=*/false),
                    label.value);
      }
    } else if (matches == (rule.action == Action::kLabelDrop)) {
      builder.Del(label.name);
    }
  }
}

}  // namespace skald::notify

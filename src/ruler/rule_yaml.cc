#include "ruler/rule_yaml.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <set>

#include "common/utf8.h"

namespace skald::ruler {
namespace {

enum class UnknownKeys { kPassed, kRefused };

constexpr size_t kMaxYamlBytes = 16 << 20;  // Of a group or file; a thousand rules are some 400 KB.
constexpr size_t kMaxTexts = 1'000'000;     // Aliases may make a small document huge.

// Reads documents into groups. Every member returns kInvalidArgument with the line.
class Reader {
 public:
  explicit Reader(UnknownKeys unknown) : unknown_(unknown) {}

  Status ReadFile(const YAML::Node& node, std::vector<RuleGroup>& groups) {
    if (IsNull(node)) return Status();
    return ReadMap(node, "a rule file", [&](const std::string& key, const YAML::Node& value) {
      if (key == "namespace") return Passed();  // lokitool's files name theirs.
      if (key != "groups") return Unknown(key, value);
      return ReadList(value, key, [&](const YAML::Node& item) {
        return ReadGroup(item, groups.emplace_back());
      });
    });
  }

  Status ReadGroup(const YAML::Node& node, RuleGroup& group) {
    if (IsNull(node)) return Status();
    return ReadMap(node, "a group", [&](const std::string& key, const YAML::Node& value) {
      if (key == "name") return ReadText(value, key, group.name);
      if (key == "interval") return ReadDuration(value, key, group.interval);
      if (key == "limit") return ReadInteger(value, key, group.limit);
      if (key == "rules") {
        return ReadList(value, key, [&](const YAML::Node& item) {
          return ReadRule(item, group.rules.emplace_back());
        });
      }
      return Unknown(key, value);
    });
  }

 private:
  Status ReadRule(const YAML::Node& node, Rule& rule) {
    return ReadMap(node, "a rule", [&](const std::string& key, const YAML::Node& value) {
      if (key == "record") return ReadText(value, key, rule.record);
      if (key == "alert") return ReadText(value, key, rule.alert);
      if (key == "expr") return ReadText(value, key, rule.expr);
      if (key == "for") return ReadDuration(value, key, rule.for_duration);
      if (key == "keep_firing_for") return ReadDuration(value, key, rule.keep_firing_for);
      if (key == "labels") return ReadTexts(value, key, rule.labels);
      if (key == "annotations") return ReadTexts(value, key, rule.annotations);
      return Unknown(key, value);
    });
  }

  static bool IsNull(const YAML::Node& node) {
    return node.IsNull() || (node.IsScalar() && node.Tag() != "!" &&
                             (node.Scalar().empty() || node.Scalar() == "~" ||
                              node.Scalar() == "null" || node.Scalar() == "Null"));
  }
  static Status Fail(const YAML::Node& node, const std::string& what) {
    return InvalidArgument("line " + std::to_string(node.Mark().line + 1) + ": " + what);
  }
  static Status Passed() { return Status(); }
  Status Unknown(const std::string& key, const YAML::Node& value) const {
    return unknown_ == UnknownKeys::kPassed ? Status() : Fail(value, "unknown key '" + key + "'");
  }

  template <typename Visit>
  Status ReadMap(const YAML::Node& node, std::string_view what, const Visit& visit) {
    if (!node.IsMap()) return Fail(node, std::string(what) + " must be a map");
    std::set<std::string> seen;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) return Fail(node, "a key must be a text");
      const std::string& key = member.first.Scalar();
      if (!seen.insert(key).second) return Fail(member.first, "'" + key + "' is given twice");
      if (++texts_ > kMaxTexts) return Fail(node, "the document is too large");
      SKALD_RETURN_IF_ERROR(visit(key, member.second));
    }
    return Status();
  }
  template <typename Visit>
  Status ReadList(const YAML::Node& node, const std::string& key, const Visit& visit) {
    if (IsNull(node)) return Status();
    if (!node.IsSequence()) return Fail(node, "'" + key + "' must be a list");
    for (const YAML::Node& item : node) {
      if (++texts_ > kMaxTexts) return Fail(node, "the document is too large");
      SKALD_RETURN_IF_ERROR(visit(item));
    }
    return Status();
  }
  Status ReadTexts(const YAML::Node& node, const std::string& key, TextMap& texts) {
    if (IsNull(node)) return Status();
    return ReadMap(node, "'" + key + "'", [&](const std::string& name, const YAML::Node& value) {
      return ReadText(value, key + "." + name, texts[name]);
    });
  }
  static Status ReadText(const YAML::Node& node, const std::string& key, std::string& text) {
    if (IsNull(node)) return Status();
    if (!node.IsScalar()) return Fail(node, "'" + key + "' must be a text");
    text = node.Scalar();
    return Status();
  }
  static Status ReadInteger(const YAML::Node& node, const std::string& key, int64_t& number) {
    if (IsNull(node)) return Status();
    const std::string text = node.IsScalar() && node.Tag() != "!" ? node.Scalar() : "";
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && !text.empty() && end == text.data() + text.size();
    return whole ? Status() : Fail(node, "'" + key + "' must be a whole number");
  }
  static Status ReadDuration(const YAML::Node& node, const std::string& key, Nanoseconds& length) {
    if (IsNull(node)) return Status();
    if (!node.IsScalar()) return Fail(node, "'" + key + "' must be a duration");
    const auto parsed = ParsePrometheusDuration(node.Scalar());
    if (!parsed.ok()) return Fail(node, std::string(parsed.status().message()));
    length = *parsed;
    return Status();
  }

  const UnknownKeys unknown_;
  size_t texts_ = 0;
};

// The first document of `text`, given to `read`.
template <typename Read>
Status ReadDocument(std::string_view text, const Read& read) {
  if (text.size() > kMaxYamlBytes) return InvalidArgument("the document is too large");
  // yaml-cpp takes zero bytes for a sign of UTF-16 or UTF-32.
  if (!IsValidUtf8(text) || text.find('\0') != std::string_view::npos) {
    return InvalidArgument("the text is not UTF-8");
  }
  try {
    return read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& e) {
    return InvalidArgument("line " + std::to_string(e.mark.line + 1) + ": " + e.msg);
  }
}

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
  SKALD_RETURN_IF_ERROR(ReadDocument(text, [&](const YAML::Node& node) {
    return Reader(UnknownKeys::kPassed).ReadGroup(node, group);
  }));
  return group;
}

Result<std::vector<RuleGroup>> ParseRuleFileYaml(std::string_view text) {
  std::vector<RuleGroup> groups;
  SKALD_RETURN_IF_ERROR(ReadDocument(text, [&](const YAML::Node& node) {
    return Reader(UnknownKeys::kRefused).ReadFile(node, groups);
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

#include "common/config_node.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>

#include "common/ascii.h"
#include "common/quote.h"
#include "common/utf8.h"

namespace skald {
namespace {

// Aliases may make a small document huge; this many nodes are enough for any configuration.
constexpr size_t kMaxNodes = 1'000'000;
constexpr int kMaxDepth = 64;

Status Convert(const YAML::Node& yaml, int depth, size_t& count, ConfigNode& out) {
  if (depth > kMaxDepth) return InvalidArgument("yaml: nested too deeply");
  if (++count > kMaxNodes) return InvalidArgument("yaml: document too large");
  out.line = yaml.Mark().line + 1;
  if (yaml.IsScalar()) {
    // An empty plain scalar and ~ are null; "" in quotes has the tag "!".
    const bool null = yaml.Tag() != "!" && (yaml.Scalar().empty() || yaml.Scalar() == "null");
    out.kind = null ? ConfigNode::Kind::kNull : ConfigNode::Kind::kScalar;
    out.scalar = yaml.Scalar();
  } else if (yaml.IsSequence()) {
    out.kind = ConfigNode::Kind::kList;
    for (const YAML::Node& item : yaml) {
      SKALD_RETURN_IF_ERROR(Convert(item, depth + 1, count, out.items.emplace_back()));
    }
  } else if (yaml.IsMap()) {
    out.kind = ConfigNode::Kind::kMap;
    std::set<std::string> names;
    for (const auto& member : yaml) {
      if (!member.first.IsScalar()) {
        return InvalidArgument("yaml: line " + std::to_string(out.line) + ": a key is no text");
      }
      ConfigNode::Member& slot = out.members.emplace_back();
      slot.name = member.first.Scalar();
      if (!names.insert(slot.name).second) {
        return InvalidArgument("yaml: line " + std::to_string(member.first.Mark().line + 1) +
                               ": key " + slot.name + " is there twice");
      }
      SKALD_RETURN_IF_ERROR(Convert(member.second, depth + 1, count, slot.node));
      slot.node.line = member.first.Mark().line + 1;
    }
  }
  return Status();
}

}  // namespace

const ConfigNode* ConfigNode::Find(std::string_view name) const {
  const auto it =
      std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.name == name; });
  return it == members.end() ? nullptr : &it->node;
}

std::string_view ConfigNode::Text(std::string_view name, std::string_view fallback) const {
  const ConfigNode* member = Find(name);
  return member != nullptr && member->kind == Kind::kScalar ? std::string_view(member->scalar)
                                                            : fallback;
}

Result<ConfigNode> ParseYaml(std::string_view text) {
  // yaml-cpp takes zero bytes for a sign of UTF-16 or UTF-32.
  if (!IsValidUtf8(text) || text.find('\0') != std::string_view::npos) {
    return InvalidArgument("yaml: the text is not UTF-8");
  }
  try {
    ConfigNode node;
    size_t count = 0;
    SKALD_RETURN_IF_ERROR(Convert(YAML::Load(std::string(text)), 0, count, node));
    return node;
  } catch (const YAML::Exception& e) {
    return InvalidArgument("yaml: line " + std::to_string(e.mark.line + 1) + ", column " +
                           std::to_string(e.mark.column + 1) + ": " + e.msg);
  }
}

Result<bool> ParseYamlBool(std::string_view text) {
  const std::string word = LowerCase(text);  // YAML knows true, True and TRUE.
  for (const std::string_view yes : {"true", "1", "t", "yes", "y", "on"}) {
    if (word == yes) return true;
  }
  for (const std::string_view no : {"false", "0", "f", "no", "n", "off"}) {
    if (word == no) return false;
  }
  return InvalidArgument("'" + std::string(text) + "' is neither true nor false");
}

ConfigNode MergeNodes(ConfigNode base, const ConfigNode& over) {
  if (base.kind != ConfigNode::Kind::kMap || over.kind != ConfigNode::Kind::kMap) return over;
  for (const ConfigNode::Member& member : over.members) {
    const auto it = std::find_if(base.members.begin(), base.members.end(),
                                 [&](const auto& known) { return known.name == member.name; });
    if (it == base.members.end()) {
      base.members.push_back(member);
    } else {
      it->node = MergeNodes(std::move(it->node), member.node);
    }
  }
  return base;
}

std::string YamlScalar(std::string_view text) {
  static constexpr std::string_view kSpecial = ":{}[],#\"'";  // Others only in the first place.
  static constexpr std::array<std::string_view, 3> kReserved = {"null", "Null", "NULL"};
  const auto plain_char = [](char c) {
    return c >= ' ' && c <= '~' && kSpecial.find(c) == std::string_view::npos;
  };
  const auto plain_first = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '_' || c == '.';
  };
  const bool plain = !text.empty() && plain_first(text.front()) && text.back() != ' ' &&
                     !text.starts_with("...") &&  // At a line's begin it ends the document.
                     std::all_of(text.begin(), text.end(), plain_char) &&
                     std::find(kReserved.begin(), kReserved.end(), text) == kReserved.end();
  return plain ? std::string(text) : GoQuote(text);
}

std::string PrintYaml(const ConfigNode& node, int indent) {
  const std::string pad(static_cast<size_t>(indent), ' ');
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return pad + "null\n";
    case ConfigNode::Kind::kScalar:
      return pad + YamlScalar(node.scalar) + "\n";
    case ConfigNode::Kind::kList: {
      if (node.items.empty()) return pad + "[]\n";
      std::string out;
      for (const ConfigNode& item : node.items) {
        std::string text = PrintYaml(item, indent + 2);
        text[static_cast<size_t>(indent)] = '-';
        out += text;
      }
      return out;
    }
    case ConfigNode::Kind::kMap: {
      if (node.members.empty()) return pad + "{}\n";
      std::string out;
      for (const auto& [name, member] : node.members) {
        const bool inline_value = member.kind == ConfigNode::Kind::kScalar ||
                                  member.kind == ConfigNode::Kind::kNull ||
                                  (member.items.empty() && member.members.empty());
        out += pad + YamlScalar(name) + ":";
        out += inline_value ? " " + PrintYaml(member, 0) : "\n" + PrintYaml(member, indent + 2);
      }
      return out;
    }
  }
  return "";
}

}  // namespace skald

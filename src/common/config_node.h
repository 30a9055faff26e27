#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skald {

// A piece of a YAML document as plain values.
//
// Threads: a value.
struct ConfigNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Member;

  Kind kind = Kind::kNull;
  int line = 0;        // Of the document, from 1.
  std::string scalar;  // Text as written, quotes removed.
  std::vector<ConfigNode> items;
  std::vector<Member> members;

  // Null when there is no such member.
  const ConfigNode* Find(std::string_view name) const;
  // The member's text, or `fallback`.
  std::string_view Text(std::string_view name, std::string_view fallback = "") const;
};

struct ConfigNode::Member {
  std::string name;
  ConfigNode node;
};

// kInvalidArgument with line and column for text that is no YAML.
Result<ConfigNode> ParseYaml(std::string_view text);

// Whether a scalar says yes or no, in any of the spellings that YAML and flags have for it.
// kInvalidArgument for any other text.
Result<bool> ParseYamlBool(std::string_view text);

// `base` with what `over` says: maps member by member, anything else as a whole.
ConfigNode MergeNodes(ConfigNode base, const ConfigNode& over);

// YAML text of a node, indented by `indent` blanks, ending with a newline.
std::string PrintYaml(const ConfigNode& node, int indent = 0);

// A scalar as YAML shows it: quoted where plain text would read back as something else.
std::string YamlScalar(std::string_view text);

}  // namespace skald

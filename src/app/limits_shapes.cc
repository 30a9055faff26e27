#include "app/limits_shapes.h"

#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/config_node.h"
#include "common/nearest_name.h"

namespace skald::app {
namespace {

// What a node must be; one that is empty may be missing as well.
struct Shape {
  enum class Kind { kAny, kText, kYesNo, kNumber, kListOf, kMapOf, kMembers };
  struct Member;

  Kind kind = Kind::kAny;
  const Shape* element = nullptr;        // Of kListOf and kMapOf.
  std::span<const Member> members = {};  // Of kMembers.
};
struct Shape::Member {
  std::string_view name;
  const Shape& shape;
};

constexpr Shape kAny;
constexpr Shape kText{.kind = Shape::Kind::kText};
constexpr Shape kYesNo{.kind = Shape::Kind::kYesNo};
constexpr Shape kNumber{.kind = Shape::Kind::kNumber};
constexpr Shape kTexts{.kind = Shape::Kind::kListOf, .element = &kText};
constexpr Shape kMapOfText{.kind = Shape::Kind::kMapOf, .element = &kText};
constexpr Shape kMapOfTexts{.kind = Shape::Kind::kMapOf, .element = &kTexts};
constexpr Shape kMapOfAny{.kind = Shape::Kind::kMapOf, .element = &kAny};
constexpr Shape kMapOfMaps{.kind = Shape::Kind::kMapOf, .element = &kMapOfAny};

constexpr Shape::Member kBlockedQuery[] = {{"pattern", kText},
                                           {"regex", kYesNo},
                                           {"hash", kNumber},
                                           {"types", kText},
                                           {"query_tags", kMapOfText}};
constexpr Shape::Member kRetention[] = {
    {"selector", kText}, {"priority", kNumber}, {"period", kText}};
constexpr Shape::Member kPolicyStream[] = {{"selector", kText}, {"priority", kNumber}};
constexpr Shape::Member kGenericFields[] = {{"fields", kMapOfTexts}};

constexpr Shape kBlockedQueryRule{.kind = Shape::Kind::kMembers, .members = kBlockedQuery};
constexpr Shape kRetentionRule{.kind = Shape::Kind::kMembers, .members = kRetention};
constexpr Shape kPolicyRule{.kind = Shape::Kind::kMembers, .members = kPolicyStream};
constexpr Shape kBlockedQueries{.kind = Shape::Kind::kListOf, .element = &kBlockedQueryRule};
constexpr Shape kRetentionStream{.kind = Shape::Kind::kListOf, .element = &kRetentionRule};
constexpr Shape kPolicyRules{.kind = Shape::Kind::kListOf, .element = &kPolicyRule};
constexpr Shape kPolicyStreamMapping{.kind = Shape::Kind::kMapOf, .element = &kPolicyRules};
constexpr Shape kDiscoverGenericFields{.kind = Shape::Kind::kMembers, .members = kGenericFields};

Status Wrong(const ConfigNode& node, const std::string& what) {
  return InvalidArgument("line " + std::to_string(node.line) + ": " + what);
}

bool IsNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Status Check(const ConfigNode& node, const Shape& shape);

Status CheckMembers(const ConfigNode& node, const Shape& shape) {
  for (const ConfigNode::Member& member : node.members) {
    NearestName nearest(member.name);
    const Shape* known = nullptr;
    for (const auto& [name, of_name] : shape.members) {
      nearest.Offer(name);
      if (name == member.name) known = &of_name;
    }
    if (known == nullptr && !nearest.best().empty()) {
      return Wrong(member.node,
                   "field " + member.name + " not found; did you mean " + nearest.best() + "?");
    }
    if (known != nullptr) SKALD_RETURN_IF_ERROR(Annotate(Check(member.node, *known), member.name));
  }
  return {};
}

Status CheckScalar(const ConfigNode& node, Shape::Kind kind) {
  if (node.kind != ConfigNode::Kind::kScalar) return Wrong(node, "a text is wanted");
  if (kind == Shape::Kind::kNumber && !IsNumber(node.scalar)) {
    return Wrong(node, "'" + node.scalar + "' is no number");
  }
  if (kind == Shape::Kind::kYesNo && !ParseYamlBool(node.scalar).ok()) {
    return Wrong(node, "'" + node.scalar + "' is neither true nor false");
  }
  return {};
}

Status Check(const ConfigNode& node, const Shape& shape) {
  if (node.kind == ConfigNode::Kind::kNull) return {};
  switch (shape.kind) {
    case Shape::Kind::kAny:
      return {};
    case Shape::Kind::kListOf:
      if (node.kind != ConfigNode::Kind::kList) return Wrong(node, "a list is wanted");
      for (const ConfigNode& item : node.items) SKALD_RETURN_IF_ERROR(Check(item, *shape.element));
      return {};
    case Shape::Kind::kMapOf:
      if (node.kind != ConfigNode::Kind::kMap) return Wrong(node, "a map is wanted");
      for (const ConfigNode::Member& member : node.members) {
        SKALD_RETURN_IF_ERROR(Annotate(Check(member.node, *shape.element), member.name));
      }
      return {};
    case Shape::Kind::kMembers:
      if (node.kind != ConfigNode::Kind::kMap) return Wrong(node, "a map is wanted");
      return CheckMembers(node, shape);
    default:
      return CheckScalar(node, shape.kind);
  }
}

}  // namespace

Status CheckLimitsShapes(const Limits& limits) {
  const struct {
    std::string_view key;
    const ConfigNode& node;
    const Shape& shape;
  } structures[] = {
      {"blocked_queries", limits.blocked_queries, kBlockedQueries},
      {"retention_stream", limits.retention_stream, kRetentionStream},
      {"policy_stream_mapping", limits.policy_stream_mapping, kPolicyStreamMapping},
      {"policy_enforced_labels", limits.policy_enforced_labels, kMapOfTexts},
      {"policy_override_limits", limits.policy_override_limits, kMapOfMaps},
      {"block_ingestion_policy_until", limits.block_ingestion_policy_until, kMapOfText},
      {"discover_generic_fields", limits.discover_generic_fields, kDiscoverGenericFields},
  };
  for (const auto& [key, node, shape] : structures) {
    SKALD_RETURN_IF_ERROR(Annotate(Check(node, shape), key));
  }
  return {};
}

}  // namespace skald::app

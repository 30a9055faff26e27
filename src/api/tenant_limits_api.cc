#include "api/tenant_limits_api.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/error_response.h"
#include "api/otlp_config_view.h"
#include "common/json_writer.h"

namespace skald::api {
namespace {

constexpr std::string_view kSection = "limits_config.";

// Whether the text is a whole number as JSON writes it.
bool IsNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  return digits && (text.size() == 1 || text[0] != '0');
}

// A piece of YAML as JSON. What looks like a whole number or a bool is one.
void AppendNode(const ConfigNode& node, JsonWriter& json) {
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return json.Null();
    case ConfigNode::Kind::kScalar:
      if (node.scalar == "true" || node.scalar == "false" || IsNumber(node.scalar)) {
        return json.Raw(node.scalar);
      }
      return json.String(node.scalar);
    case ConfigNode::Kind::kList:
      json.BeginArray();
      for (const ConfigNode& item : node.items) AppendNode(item, json);
      return json.EndArray();
    case ConfigNode::Kind::kMap:
      json.BeginObject();
      for (const ConfigNode::Member& member : node.members) {
        json.Key(member.name);
        AppendNode(member.node, json);
      }
      return json.EndObject();
  }
}

void AppendValue(const Settings::Value& value, JsonWriter& json) {
  switch (value.kind) {
    case Settings::Kind::kBool:
    case Settings::Kind::kNumber:
      return json.Raw(value.node.scalar);
    case Settings::Kind::kText:
      return json.String(value.node.scalar);
    case Settings::Kind::kList:
      json.BeginArray();
      for (const ConfigNode& item : value.node.items) json.String(item.scalar);
      return json.EndArray();
    case Settings::Kind::kStructure:
      return AppendNode(value.node, json);
  }
}

net::Response Refuse(const Status& status) {
  return ErrorResponse(401, status.message(), Audience::kWriter);
}

}  // namespace

TenantLimitsApi::TenantLimitsApi(Options options, const TenantAuth& auth,
                                 const LimitsSource& limits)
    : options_(std::move(options)), auth_(auth), limits_(limits) {}

Result<std::vector<Settings::Value>> TenantLimitsApi::Published(const net::Request& request) const {
  SKALD_ASSIGN_OR_RETURN(const model::TenantId tenant, auth_.Named(request));
  skald::Limits limits = *limits_.For(tenant.value());
  limits.otlp_config = ViewOfOtlpConfig(limits.otlp_config, options_.otlp_index_labels);
  Settings settings;
  AddLimits(settings, &limits);
  std::vector<Settings::Value> published;
  for (Settings::Value& value : settings.Values()) {
    value.key.erase(0, kSection.size());
    const auto& names = options_.published;
    const bool wanted =
        names.empty() || std::find(names.begin(), names.end(), value.key) != names.end();
    const bool is_set = value.kind != Settings::Kind::kStructure || !value.node.items.empty() ||
                        !value.node.members.empty();
    if (wanted && is_set) published.push_back(std::move(value));
  }
  std::sort(published.begin(), published.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  return published;
}

net::Response TenantLimitsApi::Limits(net::Request& request) {
  auto published = Published(request);
  if (!published.ok()) return Refuse(published.status());
  ConfigNode root;
  root.kind = ConfigNode::Kind::kMap;
  for (Settings::Value& value : *published) {
    root.members.push_back({.name = std::move(value.key), .node = std::move(value.node)});
  }
  return net::TextResponse(200, PrintYaml(root));
}

net::Response TenantLimitsApi::DrilldownLimits(net::Request& request) {
  const auto published = Published(request);
  if (!published.ok()) return Refuse(published.status());
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("limits");
  json.BeginObject();
  for (const Settings::Value& value : *published) {
    json.Key(value.key);
    AppendValue(value, json);
  }
  json.EndObject();
  json.Key("pattern_ingester_enabled");
  json.Bool(options_.pattern_ingester_enabled);
  json.Key("version");
  json.String(options_.version);
  json.EndObject();
  body.push_back('\n');
  return net::MakeResponse(200, "application/json", std::move(body));
}

}  // namespace skald::api

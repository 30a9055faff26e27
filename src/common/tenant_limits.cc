#include "common/tenant_limits.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "common/logging.h"

namespace skald {
namespace {

constexpr std::string_view kOverrides = "overrides";
constexpr std::string_view kConfigs = "configs";
// "multi_kv_config" steers two stores of ring members at once, which Skald never has.
constexpr std::string_view kIgnored = "multi_kv_config";

// The map below `section`; an empty one if it is not there.
Result<ConfigNode> SectionOf(const ConfigNode& document, std::string_view section) {
  const ConfigNode* node = document.Find(section);
  if (node == nullptr || node->kind == ConfigNode::Kind::kNull) return ConfigNode();
  if (node->kind == ConfigNode::Kind::kMap) return *node;
  return InvalidArgument("line " + std::to_string(node->line) + ": " + std::string(section) +
                         " must map tenants to settings");
}

Status CheckSections(const ConfigNode& document) {
  if (document.kind != ConfigNode::Kind::kMap && document.kind != ConfigNode::Kind::kNull) {
    return InvalidArgument("the document is no map of settings");
  }
  for (const ConfigNode::Member& member : document.members) {
    if (member.name == kOverrides || member.name == kConfigs || member.name == kIgnored) continue;
    return InvalidArgument("line " + std::to_string(member.node.line) + ": field " + member.name +
                           " not found; known are overrides, configs and multi_kv_config");
  }
  return Status();
}

// Reads `node`, a tenant's entry, as the section of that name in a configuration file. Keys that
// are like none that is known are passed over: a limit of a newer version is no reason to refuse
// all others.
Status ReadSection(Settings& settings, const std::string& section, const ConfigNode& node,
                   std::vector<std::string>& ignored) {
  ConfigNode root;
  root.kind = ConfigNode::Kind::kMap;
  root.members.push_back({.name = section, .node = node});
  return settings.ReadNode(root, section, {section}, ignored);
}

void LogIgnored(const std::string& tenant, const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  std::string list;
  for (const std::string& key : keys) list.append(list.empty() ? "" : ",").append(key);
  LogInfo("settings of a tenant without a meaning here are passed over",
          {{"tenant", tenant}, {"keys", list}});
}

// Whether `node` sets `key`.
bool Sets(const ConfigNode& node, std::string_view key) { return node.Find(key) != nullptr; }

const ConfigNode& EntryOf(const ConfigNode& section, const std::string& tenant) {
  static const ConfigNode kNothing;
  const ConfigNode* entry = section.Find(tenant);
  return entry == nullptr ? kNothing : *entry;
}

}  // namespace

TenantLimits::TenantLimits(Limits defaults, Check check)
    : defaults_(std::make_shared<const Limits>(std::move(defaults))),
      check_(std::move(check)),
      entries_(std::make_shared<const Entries>()) {}

std::shared_ptr<const Limits> TenantLimits::For(std::string_view tenant) const {
  MutexLock lock(mutex_);
  const auto it = entries_->find(tenant);
  return it == entries_->end() ? defaults_ : it->second.limits;
}

Status TenantLimits::Load(const ConfigNode& document) {
  SKALD_RETURN_IF_ERROR(CheckSections(document));
  SKALD_ASSIGN_OR_RETURN(const ConfigNode overrides, SectionOf(document, kOverrides));
  SKALD_ASSIGN_OR_RETURN(const ConfigNode configs, SectionOf(document, kConfigs));
  std::set<std::string> tenants;
  for (const ConfigNode* section : {&overrides, &configs}) {
    for (const ConfigNode::Member& member : section->members) tenants.insert(member.name);
  }
  std::shared_ptr<const Entries> before;
  {
    MutexLock lock(mutex_);
    before = entries_;
  }
  auto entries = std::make_shared<Entries>();
  for (const std::string& tenant : tenants) {
    const ConfigNode& own = EntryOf(overrides, tenant);
    const ConfigNode& config = EntryOf(configs, tenant);
    Entry entry{.text = PrintYaml(own) + PrintYaml(config), .limits = nullptr};
    const auto known = before->find(tenant);
    if (known != before->end() && known->second.text == entry.text) {
      entry.limits = known->second.limits;
    } else {
      std::vector<std::string> ignored;
      auto made = Make(own, config, ignored);
      if (!made.ok()) return Annotate(std::move(made).status(), "tenant " + tenant);
      entry.limits = *std::move(made);
      LogIgnored(tenant, ignored);
    }
    entries->emplace(tenant, std::move(entry));
  }
  MutexLock lock(mutex_);
  entries_ = std::move(entries);
  return Status();
}

Result<std::shared_ptr<const Limits>> TenantLimits::Make(const ConfigNode& overrides,
                                                         const ConfigNode& config,
                                                         std::vector<std::string>& ignored) const {
  auto limits = std::make_shared<Limits>(*defaults_);
  Settings settings;
  AddLimits(settings, limits.get());
  AddOperationalConfig(settings, &limits->operational);
  SKALD_RETURN_IF_ERROR(ReadSection(settings, "limits_config", overrides, ignored));
  SKALD_RETURN_IF_ERROR(ReadSection(settings, "operational_config", config, ignored));
  // Structures of which a tenant may change a part. Others, as retention_stream, are replaced.
  const auto merge = [&](std::string_view key, ConfigNode Limits::*field) {
    if (Sets(overrides, key)) (*limits).*field = MergeNodes((*defaults_).*field, (*limits).*field);
  };
  merge("otlp_config", &Limits::otlp_config);
  merge("policy_stream_mapping", &Limits::policy_stream_mapping);
  merge("shard_streams", &Limits::shard_streams);
  if (check_) SKALD_RETURN_IF_ERROR(check_(*limits));
  return std::shared_ptr<const Limits>(std::move(limits));
}

}  // namespace skald

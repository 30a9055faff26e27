#include "ruler/folder_rule_store.h"

#include "ruler/rule_checks.h"
#include "ruler/rule_yaml.h"

namespace skald::ruler {
namespace {

Status Unsupported(std::string_view call) {
  return Status(StatusCode::kUnimplemented, std::string(call) + " unsupported in rule local store");
}

bool IsHidden(std::string_view name) { return name.starts_with('.'); }

}  // namespace

Result<std::vector<std::string>> FolderRuleStore::Tenants() {
  auto names = files_.List(folder_);
  if (!names.ok()) {
    if (names.status().code() != StatusCode::kNotFound) return std::move(names).status();
    return std::vector<std::string>();
  }
  std::vector<std::string> tenants;
  for (const std::string& name : *names) {
    // A file beside the tenants' folders is none of them.
    if (!IsHidden(name) && files_.List(JoinPath(folder_, name)).ok()) tenants.push_back(name);
  }
  return tenants;
}

Result<std::vector<TenantRules>> FolderRuleStore::ReadAll(const Wants& wants) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> tenants, Tenants());
  std::vector<TenantRules> all;
  for (const std::string& tenant : tenants) {
    if (wants(tenant)) all.push_back({.tenant = tenant, .listing = List(tenant)});
  }
  return all;
}

Result<RuleListing> FolderRuleStore::List(std::string_view tenant) {
  RuleListing listing;
  const std::string folder = JoinPath(folder_, tenant);
  auto names = files_.List(folder);
  if (!names.ok()) {
    if (names.status().code() != StatusCode::kNotFound) return std::move(names).status();
    return listing;
  }
  for (const std::string& name : *names) {
    const std::string path = JoinPath(folder, name);
    if (IsHidden(name) || files_.List(path).ok()) continue;
    auto groups = Read(path);
    if (groups.ok()) {
      if (!groups->empty()) listing.namespaces.emplace(name, *std::move(groups));
    } else if (groups.status().code() != StatusCode::kNotFound) {  // Removed meanwhile.
      listing.damaged.push_back(
          {.name_space = name, .group = std::nullopt, .status = groups.status()});
    }
  }
  return listing;
}

Result<std::vector<RuleGroup>> FolderRuleStore::Read(const std::string& path) {
  SKALD_ASSIGN_OR_RETURN(const std::string text, files_.ReadAll(path));
  auto groups = ParseRuleFileYaml(text);
  if (!groups.ok()) return DataLoss(path + ": " + std::string(groups.status().message()));
  if (const auto errors = CheckGroups(*groups); !errors.empty()) {
    return DataLoss(path + ": " + errors.front());
  }
  return groups;
}

Result<RuleGroup> FolderRuleStore::Get(std::string_view, std::string_view, std::string_view) {
  // Compat: Grafana reads from the text that the rules here cannot be edited.
  return InvalidArgument("GetRuleGroup unsupported in rule local store");
}

Status FolderRuleStore::Set(std::string_view, std::string_view, const RuleGroup&) {
  return Unsupported("SetRuleGroup");
}

Status FolderRuleStore::DeleteGroup(std::string_view, std::string_view, std::string_view) {
  return Unsupported("DeleteRuleGroup");
}

Status FolderRuleStore::DeleteNamespace(std::string_view, std::string_view) {
  return Unsupported("DeleteNamespace");
}

}  // namespace skald::ruler

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
    SKALD_ASSIGN_OR_RETURN(const std::string text, files_.ReadAll(path));
    auto groups = ParseRuleFileYaml(text);
    if (!groups.ok()) return Annotate(std::move(groups).status(), path);
    if (const auto errors = CheckGroups(*groups); !errors.empty()) {
      return InvalidArgument(path + ": " + errors.front());
    }
    if (!groups->empty()) listing.namespaces.emplace(name, *std::move(groups));
  }
  return listing;
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

#include "ruler/local_rule_store.h"

#include <algorithm>

#include "ruler/rule_names.h"
#include "ruler/rule_yaml.h"

namespace skald::ruler {
namespace {

constexpr std::string_view kSuffix = ".yaml";

// The name of what is empty is "_", which no base64url text of a whole number of bytes is.
std::string Spell(std::string_view name) {
  std::string text = SpellName(name);
  while (text.ends_with('=')) text.pop_back();
  return text.empty() ? "_" : text;
}

// False if `text` is no spelling of a name.
bool Unspell(std::string_view text, std::string& name) {
  name.clear();
  if (text == "_") return true;
  return UnspellName(std::string(text).append((4 - text.size() % 4) % 4, '='), name);
}

}  // namespace

std::string LocalRuleStore::FolderOf(std::string_view tenant, std::string_view name_space) const {
  return JoinPath(JoinPath(folder_, tenant), Spell(name_space));
}

std::string LocalRuleStore::PathOf(std::string_view tenant, std::string_view name_space,
                                   std::string_view group) const {
  return JoinPath(FolderOf(tenant, name_space), Spell(group) + std::string(kSuffix));
}

Result<std::vector<std::string>> LocalRuleStore::GroupFiles(const std::string& folder) {
  auto names = files_.List(folder);
  if (!names.ok()) {
    if (names.status().code() != StatusCode::kNotFound) return std::move(names).status();
    return std::vector<std::string>();
  }
  // What an interrupted write has left has another suffix.
  std::erase_if(*names, [](const std::string& name) { return !name.ends_with(kSuffix); });
  return names;
}

Result<RuleGroup> LocalRuleStore::Read(const std::string& path) {
  SKALD_ASSIGN_OR_RETURN(const std::string text, files_.ReadAll(path));
  auto group = ParseGroupYaml(text);
  return group.ok() ? std::move(group)
                    : DataLoss(path + ": " + std::string(group.status().message()));
}

Result<std::vector<std::string>> LocalRuleStore::Tenants() {
  auto names = files_.List(folder_);
  if (!names.ok() && names.status().code() == StatusCode::kNotFound) {
    return std::vector<std::string>();
  }
  return names;
}

Result<std::vector<TenantRules>> LocalRuleStore::ReadAll(const Wants& wants) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> tenants, Tenants());
  std::vector<TenantRules> all;
  for (const std::string& tenant : tenants) {
    if (wants(tenant)) all.push_back({.tenant = tenant, .listing = List(tenant)});
  }
  return all;
}

Result<RuleListing> LocalRuleStore::List(std::string_view tenant) {
  RuleListing listing;
  const std::string folder = JoinPath(folder_, tenant);
  const auto names = files_.List(folder);
  if (!names.ok()) {
    if (names.status().code() != StatusCode::kNotFound) return names.status();
    return listing;
  }
  for (const std::string& spelled : *names) {
    std::string name;
    if (!Unspell(spelled, name)) continue;
    SKALD_RETURN_IF_ERROR(ListNamespace(JoinPath(folder, spelled), name, listing));
  }
  return listing;
}

Status LocalRuleStore::ListNamespace(const std::string& folder, const std::string& name_space,
                                     RuleListing& listing) {
  SKALD_ASSIGN_OR_RETURN(const auto paths, GroupFiles(folder));
  std::vector<RuleGroup> groups;
  for (const std::string& path : paths) {
    std::string name;
    if (!Unspell(path.substr(0, path.size() - kSuffix.size()), name)) continue;
    auto group = Read(JoinPath(folder, path));
    if (group.ok()) {
      groups.push_back(*std::move(group));
    } else if (group.status().code() != StatusCode::kNotFound) {  // Deleted meanwhile.
      listing.damaged.push_back(
          {.name_space = name_space, .group = name, .status = group.status()});
    }
  }
  std::sort(groups.begin(), groups.end(),
            [](const RuleGroup& a, const RuleGroup& b) { return a.name < b.name; });
  if (!groups.empty()) listing.namespaces.emplace(name_space, std::move(groups));
  return Status();
}

Result<RuleGroup> LocalRuleStore::Get(std::string_view tenant, std::string_view name_space,
                                      std::string_view group) {
  if (!CheckNames(name_space, group).ok()) return NoGroup();
  auto found = Read(PathOf(tenant, name_space, group));
  return !found.ok() && found.status().code() == StatusCode::kNotFound ? NoGroup()
                                                                       : std::move(found);
}

Status LocalRuleStore::Set(std::string_view tenant, std::string_view name_space,
                           const RuleGroup& group) {
  SKALD_RETURN_IF_ERROR(CheckNames(name_space, group.name));
  const MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(MakeFolder(tenant, name_space));
  return files_.AtomicWrite(PathOf(tenant, name_space, group.name), PrintWholeGroupYaml(group));
}

Status LocalRuleStore::MakeFolder(std::string_view tenant, std::string_view name_space) {
  SKALD_RETURN_IF_ERROR(files_.MakeDirs(FolderOf(tenant, name_space)));
  // Whether or not it was there: who made it may have died before it was synced.
  SKALD_RETURN_IF_ERROR(files_.SyncDir(JoinPath(folder_, tenant)));
  SKALD_RETURN_IF_ERROR(files_.SyncDir(folder_));
  const size_t slash = folder_.rfind('/');
  return slash == std::string::npos || slash == 0 ? Status()
                                                  : files_.SyncDir(folder_.substr(0, slash));
}

Status LocalRuleStore::DeleteGroup(std::string_view tenant, std::string_view name_space,
                                   std::string_view group) {
  if (!CheckNames(name_space, group).ok()) return NoGroup();
  const MutexLock lock(mutex_);
  const Status status = files_.Remove(PathOf(tenant, name_space, group));
  if (status.code() == StatusCode::kNotFound) return NoGroup();
  SKALD_RETURN_IF_ERROR(status);
  return files_.SyncDir(FolderOf(tenant, name_space));
}

Status LocalRuleStore::DeleteNamespace(std::string_view tenant, std::string_view name_space) {
  if (!CheckNames(name_space, "").ok()) return NoNamespace();
  const MutexLock lock(mutex_);
  const std::string folder = FolderOf(tenant, name_space);
  SKALD_ASSIGN_OR_RETURN(const auto names, GroupFiles(folder));
  if (names.empty()) return NoNamespace();
  for (const std::string& name : names) {
    SKALD_RETURN_IF_ERROR(files_.Remove(JoinPath(folder, name)));
  }
  return files_.SyncDir(folder);
}

}  // namespace skald::ruler

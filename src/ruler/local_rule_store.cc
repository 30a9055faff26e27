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

// False if `path` is no spelling of a name, in pieces or in one.
bool Unspell(std::string_view path, std::string& name) {
  name.clear();
  auto text = TakePieces(path);
  if (!text.has_value() || !path.empty()) return false;
  if (*text == "_") return true;
  return UnspellName(text->append((4 - text->size() % 4) % 4, '='), name);
}

std::string FolderPartOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

std::string LocalRuleStore::FolderOf(std::string_view tenant, std::string_view name_space) const {
  return JoinPath(JoinPath(folder_, tenant), InPieces(Spell(name_space)));
}

std::string LocalRuleStore::PathOf(std::string_view tenant, std::string_view name_space,
                                   std::string_view group) const {
  return JoinPath(FolderOf(tenant, name_space), InPieces(Spell(group)) + std::string(kSuffix));
}

Status LocalRuleStore::FindSpelled(const std::string& folder, const std::string& begin,
                                   size_t pieces, std::vector<std::string>& paths) {
  const auto names = files_.List(JoinPath(folder, begin));
  if (!names.ok()) {
    return names.status().code() == StatusCode::kNotFound ? Status() : names.status();
  }
  for (const std::string& name : *names) {
    const std::string path = begin.empty() ? name : JoinPath(begin, name);
    if (!GoesOn(name)) {
      paths.push_back(path);
    } else if (pieces > 1) {
      SKALD_RETURN_IF_ERROR(FindSpelled(folder, path, pieces - 1, paths));
    }
  }
  return {};
}

Result<std::vector<std::string>> LocalRuleStore::GroupFiles(const std::string& folder) {
  std::vector<std::string> paths;
  SKALD_RETURN_IF_ERROR(FindSpelled(folder, "", kMaxPieces, paths));
  // What an interrupted write has left has another suffix.
  std::erase_if(paths, [](const std::string& path) { return !path.ends_with(kSuffix); });
  return paths;
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
  std::vector<std::string> paths;
  SKALD_RETURN_IF_ERROR(FindSpelled(folder, "", kMaxPieces, paths));
  for (const std::string& path : paths) {
    std::string name;
    if (!Unspell(path, name)) continue;
    SKALD_RETURN_IF_ERROR(ListNamespace(JoinPath(folder, path), name, listing));
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
  const std::string path = PathOf(tenant, name_space, group.name);
  SKALD_RETURN_IF_ERROR(MakeFolder(FolderPartOf(path)));
  return files_.AtomicWrite(path, PrintWholeGroupYaml(group));
}

Status LocalRuleStore::MakeFolder(const std::string& folder) {
  SKALD_RETURN_IF_ERROR(files_.MakeDirs(folder));
  // Whether or not it was there: who made it may have died before it was synced.
  std::string below = folder;
  while (below.size() >= folder_.size()) {
    const size_t slash = below.rfind('/');
    if (slash == std::string::npos || slash == 0) break;
    below.resize(slash);
    SKALD_RETURN_IF_ERROR(files_.SyncDir(below));
  }
  return {};
}

Status LocalRuleStore::DeleteGroup(std::string_view tenant, std::string_view name_space,
                                   std::string_view group) {
  if (!CheckNames(name_space, group).ok()) return NoGroup();
  const MutexLock lock(mutex_);
  const std::string path = PathOf(tenant, name_space, group);
  const Status status = files_.Remove(path);
  if (status.code() == StatusCode::kNotFound) return NoGroup();
  SKALD_RETURN_IF_ERROR(status);
  return files_.SyncDir(FolderPartOf(path));
}

Status LocalRuleStore::DeleteNamespace(std::string_view tenant, std::string_view name_space) {
  if (!CheckNames(name_space, "").ok()) return NoNamespace();
  const MutexLock lock(mutex_);
  const std::string folder = FolderOf(tenant, name_space);
  SKALD_ASSIGN_OR_RETURN(const auto files, GroupFiles(folder));
  if (files.empty()) return NoNamespace();
  for (const std::string& file : files) {
    const std::string path = JoinPath(folder, file);
    SKALD_RETURN_IF_ERROR(files_.Remove(path));
    SKALD_RETURN_IF_ERROR(files_.SyncDir(FolderPartOf(path)));
  }
  return {};
}

}  // namespace skald::ruler

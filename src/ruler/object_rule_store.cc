#include "ruler/object_rule_store.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "common/quote.h"
#include "ruler/group_proto.h"
#include "ruler/rule_names.h"

namespace skald::ruler {
namespace {

constexpr uint64_t kMaxGroupBytes = 16 << 20;  // As much as a group's YAML may have.

// Takes `<namespace>/<group>` apart. False for a key of another form.
bool ParseNames(std::string_view key, std::string& name_space, std::string& group) {
  const size_t slash = key.find('/');
  return slash != std::string_view::npos && UnspellName(key.substr(0, slash), name_space) &&
         UnspellName(key.substr(slash + 1), group) && !name_space.empty() && !group.empty();
}

// Keys have no empty names.
bool IsPossible(std::string_view name_space, std::string_view group) {
  return !name_space.empty() && !group.empty() && CheckNames(name_space, group).ok();
}

}  // namespace

std::string ObjectRuleStore::TenantPrefix(std::string_view tenant) const {
  return prefix_ + std::string(tenant) + "/";
}

std::string ObjectRuleStore::KeyOf(std::string_view tenant, std::string_view name_space,
                                   std::string_view group) const {
  return TenantPrefix(tenant) + SpellName(name_space) + "/" + SpellName(group);
}

Result<RuleGroup> ObjectRuleStore::Read(const std::string& key, std::string_view group) {
  SKALD_ASSIGN_OR_RETURN(const std::string bytes, objects_.Get(key));
  auto decoded = DecodeGroup(bytes);
  if (!decoded.ok()) return Annotate(std::move(decoded).status(), key);
  if (decoded->name == group) return decoded;
  return DataLoss(key + ": group " + GoQuote(decoded->name) + " stands where " + GoQuote(group) +
                  " should");
}

Result<std::vector<std::string>> ObjectRuleStore::Tenants() {
  SKALD_ASSIGN_OR_RETURN(const auto objects, objects_.List(prefix_));
  std::set<std::string> tenants;
  std::string name_space;
  std::string group;
  for (const chunkstore::ObjectEntry& object : objects) {
    const std::string_view key = std::string_view(object.key).substr(prefix_.size());
    const size_t slash = key.find('/');
    if (slash == std::string_view::npos || !ParseNames(key.substr(slash + 1), name_space, group)) {
      continue;
    }
    tenants.emplace(key.substr(0, slash));
  }
  return std::vector<std::string>(tenants.begin(), tenants.end());
}

Result<RuleListing> ObjectRuleStore::List(std::string_view tenant) {
  const std::string prefix = TenantPrefix(tenant);
  SKALD_ASSIGN_OR_RETURN(const auto objects, objects_.List(prefix));
  RuleListing listing;
  std::string name_space;
  std::string name;
  for (const chunkstore::ObjectEntry& object : objects) {
    if (!ParseNames(std::string_view(object.key).substr(prefix.size()), name_space, name)) continue;
    auto group = object.bytes <= kMaxGroupBytes
                     ? Read(object.key, name)
                     : DataLoss(object.key + ": larger than any rule group");
    if (group.ok()) {
      listing.namespaces[name_space].push_back(*std::move(group));
    } else if (group.status().code() == StatusCode::kUnavailable) {
      return std::move(group).status();  // The store is away, not the object damaged.
    } else if (group.status().code() != StatusCode::kNotFound) {  // Deleted meanwhile.
      listing.damaged.push_back(
          {.name_space = name_space, .group = name, .status = std::move(group).status()});
    }
  }
  for (auto& [of, groups] : listing.namespaces) {
    std::sort(groups.begin(), groups.end(),
              [](const RuleGroup& a, const RuleGroup& b) { return a.name < b.name; });
  }
  return listing;
}

Result<RuleGroup> ObjectRuleStore::Get(std::string_view tenant, std::string_view name_space,
                                       std::string_view group) {
  if (!IsPossible(name_space, group)) return NoGroup();
  auto found = Read(KeyOf(tenant, name_space, group), group);
  return !found.ok() && found.status().code() == StatusCode::kNotFound ? NoGroup()
                                                                       : std::move(found);
}

Status ObjectRuleStore::Set(std::string_view tenant, std::string_view name_space,
                            const RuleGroup& group) {
  SKALD_RETURN_IF_ERROR(CheckNames(name_space, group.name));
  if (!IsPossible(name_space, group.name)) {
    return InvalidArgument("namespace and group must have names");
  }
  const MutexLock lock(mutex_);
  return objects_.Put(KeyOf(tenant, name_space, group.name),
                      EncodeGroup(tenant, name_space, group));
}

Status ObjectRuleStore::DeleteGroup(std::string_view tenant, std::string_view name_space,
                                    std::string_view group) {
  if (!IsPossible(name_space, group)) return NoGroup();
  const std::string key = KeyOf(tenant, name_space, group);
  const MutexLock lock(mutex_);
  const auto found = objects_.Get(key);
  if (!found.ok() && found.status().code() == StatusCode::kNotFound) return NoGroup();
  return objects_.Delete(key);  // What cannot be read goes as well.
}

Status ObjectRuleStore::DeleteNamespace(std::string_view tenant, std::string_view name_space) {
  if (!IsPossible(name_space, "g")) return NoNamespace();
  const MutexLock lock(mutex_);
  SKALD_ASSIGN_OR_RETURN(const auto objects,
                         objects_.List(TenantPrefix(tenant) + SpellName(name_space) + "/"));
  if (objects.empty()) return NoNamespace();
  for (const chunkstore::ObjectEntry& object : objects) {
    SKALD_RETURN_IF_ERROR(objects_.Delete(object.key));
  }
  return Status();
}

}  // namespace skald::ruler

#include "ruler/object_rule_store.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/quote.h"
#include "ruler/group_proto.h"
#include "ruler/rule_names.h"

namespace skald::ruler {
namespace {

constexpr uint64_t kMaxGroupBytes = 16 << 20;  // As much as a group's YAML may have.

// Keys have no empty names.
bool IsPossible(std::string_view name_space, std::string_view group) {
  return !name_space.empty() && !group.empty() && CheckNames(name_space, group).ok();
}

void SortGroups(RuleListing& listing) {
  for (auto& [of, groups] : listing.namespaces) {
    std::ranges::sort(groups, {}, &RuleGroup::name);
  }
}

}  // namespace

std::string ObjectRuleStore::TenantPrefix(std::string_view tenant) const {
  return prefix_ + std::string(tenant) + "/";
}

std::string ObjectRuleStore::NamespacePrefix(std::string_view tenant,
                                             std::string_view name_space) const {
  return TenantPrefix(tenant) + InPieces(SpellName(name_space)) + "/";
}

std::string ObjectRuleStore::KeyOf(std::string_view tenant, std::string_view name_space,
                                   std::string_view group) const {
  return NamespacePrefix(tenant, name_space) + InPieces(SpellName(group));
}

std::optional<ObjectRuleStore::Place> ObjectRuleStore::PlaceOf(std::string_view key) const {
  key.remove_prefix(prefix_.size());
  const size_t slash = key.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Place place{.tenant = std::string(key.substr(0, slash))};
  key.remove_prefix(slash + 1);
  for (std::string* name : {&place.name_space, &place.group}) {
    const auto spelled = TakePieces(key);
    if (!spelled.has_value() || !UnspellName(*spelled, *name) || name->empty()) return std::nullopt;
  }
  if (!key.empty()) return std::nullopt;
  return place;
}

Result<RuleGroup> ObjectRuleStore::Read(const std::string& key, std::string_view group) {
  SKALD_ASSIGN_OR_RETURN(const std::string bytes, objects_.Get(key));
  auto decoded = DecodeGroup(bytes);
  if (!decoded.ok()) return Annotate(std::move(decoded).status(), key);
  if (decoded->name == group) return decoded;
  return DataLoss(key + ": group " + GoQuote(decoded->name) + " stands where " + GoQuote(group) +
                  " should");
}

Result<RuleGroup> ObjectRuleStore::ReadListed(const chunkstore::ObjectEntry& object,
                                              std::string_view group) {
  if (object.bytes > kMaxGroupBytes) return DataLoss(object.key + ": larger than any rule group");
  {
    const MutexLock lock(kept_mutex_);
    const auto kept = kept_.find(object.key);
    if (kept != kept_.end() && kept->second.version == object.version) return kept->second.group;
  }
  // What is read may be newer than the listing; then the next one has another version.
  auto read = Read(object.key, group);
  if (read.ok() && !object.version.empty()) {
    const MutexLock lock(kept_mutex_);
    kept_[object.key] = {.version = object.version, .group = *read};
  }
  return read;
}

Status ObjectRuleStore::Add(const chunkstore::ObjectEntry& object, const Place& place,
                            RuleListing& listing) {
  auto group = ReadListed(object, place.group);
  if (group.ok()) {
    listing.namespaces[place.name_space].push_back(*std::move(group));
    return {};
  }
  // The store is away, not the object damaged.
  if (group.status().code() == StatusCode::kUnavailable) return std::move(group).status();
  if (group.status().code() != StatusCode::kNotFound) {  // Deleted meanwhile.
    listing.damaged.push_back({.name_space = place.name_space,
                               .group = place.group,
                               .status = std::move(group).status()});
  }
  return {};
}

void ObjectRuleStore::Forget(const std::vector<chunkstore::ObjectEntry>& all) {
  const MutexLock lock(kept_mutex_);
  std::erase_if(kept_, [&](const auto& kept) {
    const auto at = std::ranges::lower_bound(all, kept.first, {}, &chunkstore::ObjectEntry::key);
    return at == all.end() || at->key != kept.first;
  });
}

Result<std::vector<TenantRules>> ObjectRuleStore::ReadAll(const Wants& wants) {
  SKALD_ASSIGN_OR_RETURN(const auto objects, objects_.List(prefix_));
  Forget(objects);
  // Keys come in another order than tenants: "a-b/" before "a/".
  std::map<std::string, Result<RuleListing>> listings;
  for (const chunkstore::ObjectEntry& object : objects) {
    const auto place = PlaceOf(object.key);
    if (!place.has_value() || !wants(place->tenant)) continue;
    auto& listing = listings.try_emplace(place->tenant, RuleListing()).first->second;
    if (!listing.ok()) continue;
    if (Status status = Add(object, *place, *listing); !status.ok()) listing = std::move(status);
  }
  std::vector<TenantRules> all;
  for (auto& [tenant, listing] : listings) {
    if (listing.ok()) SortGroups(*listing);
    all.push_back({.tenant = tenant, .listing = std::move(listing)});
  }
  return all;
}

Result<RuleListing> ObjectRuleStore::List(std::string_view tenant) {
  SKALD_ASSIGN_OR_RETURN(const auto objects, objects_.List(TenantPrefix(tenant)));
  RuleListing listing;
  for (const chunkstore::ObjectEntry& object : objects) {
    const auto place = PlaceOf(object.key);
    if (place.has_value()) SKALD_RETURN_IF_ERROR(Add(object, *place, listing));
  }
  SortGroups(listing);
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
  SKALD_ASSIGN_OR_RETURN(const auto objects, objects_.List(NamespacePrefix(tenant, name_space)));
  if (objects.empty()) return NoNamespace();
  for (const chunkstore::ObjectEntry& object : objects) {
    SKALD_RETURN_IF_ERROR(objects_.Delete(object.key));
  }
  return Status();
}

}  // namespace skald::ruler

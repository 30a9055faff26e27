#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chunkstore/objstore/object_store.h"
#include "common/mutex.h"
#include "ruler/rule_store.h"

namespace skald::ruler {

// Rule groups written through the API, an object each, where and as Loki keeps them:
// <prefix><tenant>/<namespace>/<group>, both names as SpellName spells them, and in pieces if they
// are long, which Loki would not find. Objects with keys of another form are passed over. A group
// is replaced whole; of several writers the last one counts.
//
// Ownership: borrows `objects`.
// Threads:   any thread may call; mutex_ keeps writers of this process apart, kept_mutex_ guards
//            what was read and is not held over calls.
// Cost:      a listing is one call, and one more for each group that is new or was replaced since
//            it was read last: groups are kept as they were read.
// Format:    group_proto.h.
class ObjectRuleStore final : public RuleStore {
 public:
  // `prefix` is empty or ends in a slash.
  ObjectRuleStore(chunkstore::ObjectStore& objects, std::string prefix)
      : objects_(objects), prefix_(std::move(prefix)) {}

  Result<std::vector<TenantRules>> ReadAll(const Wants& wants) override SKALD_EXCLUDES(kept_mutex_);
  Result<RuleListing> List(std::string_view tenant) override SKALD_EXCLUDES(kept_mutex_);
  Result<RuleGroup> Get(std::string_view tenant, std::string_view name_space,
                        std::string_view group) override;
  // kInvalidArgument for a name that is empty or too long.
  Status Set(std::string_view tenant, std::string_view name_space, const RuleGroup& group) override
      SKALD_EXCLUDES(mutex_);
  Status DeleteGroup(std::string_view tenant, std::string_view name_space,
                     std::string_view group) override SKALD_EXCLUDES(mutex_);
  Status DeleteNamespace(std::string_view tenant, std::string_view name_space) override
      SKALD_EXCLUDES(mutex_);

 private:
  // What a key says.
  struct Place {
    std::string tenant;
    std::string name_space;
    std::string group;
  };
  struct KeptGroup {
    std::string version;  // Of the object that it was read from.
    RuleGroup group;
  };

  std::string TenantPrefix(std::string_view tenant) const;
  std::string NamespacePrefix(std::string_view tenant, std::string_view name_space) const;
  std::string KeyOf(std::string_view tenant, std::string_view name_space,
                    std::string_view group) const;
  // Nothing for a key of another form.
  std::optional<Place> PlaceOf(std::string_view key) const;
  // kDataLoss names the object that holds no group, or another than its key says.
  Result<RuleGroup> Read(const std::string& key, std::string_view group);
  // As Read; asks for the object only if it is not the one that was read last.
  Result<RuleGroup> ReadListed(const chunkstore::ObjectEntry& object, std::string_view group)
      SKALD_EXCLUDES(kept_mutex_);
  // Adds what is at `place`. kUnavailable if the store is away.
  Status Add(const chunkstore::ObjectEntry& object, const Place& place, RuleListing& listing)
      SKALD_EXCLUDES(kept_mutex_);
  // Forgets what was read of objects that are not among all that there are.
  void Forget(const std::vector<chunkstore::ObjectEntry>& all) SKALD_EXCLUDES(kept_mutex_);

  chunkstore::ObjectStore& objects_;
  const std::string prefix_;
  Mutex mutex_;
  Mutex kept_mutex_;
  std::map<std::string, KeptGroup> kept_ SKALD_GUARDED_BY(kept_mutex_);  // By the object's key.
};

}  // namespace skald::ruler

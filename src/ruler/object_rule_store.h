#pragma once

#include <string>

#include "chunkstore/objstore/object_store.h"
#include "common/mutex.h"
#include "ruler/rule_store.h"

namespace skald::ruler {

// Rule groups written through the API, an object each, where and as Loki keeps them:
// <prefix><tenant>/<namespace>/<group>, both names as SpellName spells them. Objects with keys of
// another form are passed over. A group is replaced whole; of several writers the last one counts.
//
// Ownership: borrows `objects`.
// Threads:   any thread may call; mutex_ keeps writers of this process apart.
// Format:    group_proto.h.
class ObjectRuleStore final : public RuleStore {
 public:
  // `prefix` is empty or ends in a slash.
  ObjectRuleStore(chunkstore::ObjectStore& objects, std::string prefix)
      : objects_(objects), prefix_(std::move(prefix)) {}

  Result<std::vector<std::string>> Tenants() override;
  Result<RuleListing> List(std::string_view tenant) override;
  Result<RuleGroup> Get(std::string_view tenant, std::string_view name_space,
                        std::string_view group) override;
  // kInvalidArgument for a name that is too long for a key's.
  Status Set(std::string_view tenant, std::string_view name_space, const RuleGroup& group) override
      SKALD_EXCLUDES(mutex_);
  Status DeleteGroup(std::string_view tenant, std::string_view name_space,
                     std::string_view group) override SKALD_EXCLUDES(mutex_);
  Status DeleteNamespace(std::string_view tenant, std::string_view name_space) override
      SKALD_EXCLUDES(mutex_);

 private:
  std::string TenantPrefix(std::string_view tenant) const;
  std::string KeyOf(std::string_view tenant, std::string_view name_space,
                    std::string_view group) const;
  // kDataLoss names the object that holds no group, or another than its key says.
  Result<RuleGroup> Read(const std::string& key, std::string_view group);

  chunkstore::ObjectStore& objects_;
  const std::string prefix_;
  Mutex mutex_;
};

}  // namespace skald::ruler

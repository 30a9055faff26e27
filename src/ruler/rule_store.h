#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

// A group that is stored and cannot be read.
struct DamagedGroup {
  std::string name_space;
  std::optional<std::string> group;  // Nothing: whichever groups the namespace has.
  Status status;                     // Names the file or object.
};

// What a tenant has. A namespace without groups is none.
struct RuleListing {
  RuleNamespaces namespaces;
  std::vector<DamagedGroup> damaged;
};

// What one tenant has, as far as it could be read.
struct TenantRules {
  std::string tenant;
  Result<RuleListing> listing;
};

// Where the rules of tenants are kept.
//
// Threads: any thread may call.
// Cost:    calls block on the disk or the network.
class RuleStore {
 public:
  virtual ~RuleStore() = default;

  using Wants = std::function<bool(const std::string& tenant)>;
  // What the tenants have that have rules and are wanted, ordered by their ids: all that a ruler
  // asks for each time it looks for changes. A tenant that cannot be read hides no other.
  virtual Result<std::vector<TenantRules>> ReadAll(const Wants& wants) = 0;
  // All groups of a tenant, those of a namespace by name. One that is damaged hides no other.
  virtual Result<RuleListing> List(std::string_view tenant) = 0;
  // kNotFound `group does not exist`; kDataLoss for a damaged one, which Set heals.
  virtual Result<RuleGroup> Get(std::string_view tenant, std::string_view name_space,
                                std::string_view group) = 0;

  // The following are kUnimplemented `... unsupported in rule local store` where rules are only
  // read. Set puts a group in the place of one of the same name; when it returns OK it is durable.
  virtual Status Set(std::string_view tenant, std::string_view name_space,
                     const RuleGroup& group) = 0;
  // kNotFound as Get, and `group namespace does not exist`.
  virtual Status DeleteGroup(std::string_view tenant, std::string_view name_space,
                             std::string_view group) = 0;
  virtual Status DeleteNamespace(std::string_view tenant, std::string_view name_space) = 0;
};

}  // namespace skald::ruler

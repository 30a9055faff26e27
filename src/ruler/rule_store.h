#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

// Where the rules of tenants are kept.
//
// Threads: any thread may call.
// Cost:    calls block on the disk.
class RuleStore {
 public:
  virtual ~RuleStore() = default;

  // Tenants that have rules, sorted.
  virtual Result<std::vector<std::string>> Tenants() = 0;
  // All groups of a tenant; a namespace without groups is none.
  virtual Result<RuleNamespaces> List(std::string_view tenant) = 0;
  // kNotFound `group does not exist`.
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

#pragma once

#include <string>

#include "common/files.h"
#include "ruler/rule_store.h"

namespace skald::ruler {

// Rule files that others write, as a ConfigMap or a sidecar does: <folder>/<tenant>/<file>, where
// the file's name is the namespace. Files whose names begin with a dot and folders in a tenant's
// are passed over. Only reads.
//
// Ownership: borrows `files`.
// Threads:   any thread may call.
class FolderRuleStore final : public RuleStore {
 public:
  FolderRuleStore(FileSystem& files, std::string folder)
      : files_(files), folder_(std::move(folder)) {}

  Result<std::vector<TenantRules>> ReadAll(const Wants& wants) override;
  // A file that cannot be read is a damaged namespace.
  Result<RuleListing> List(std::string_view tenant) override;
  Result<RuleGroup> Get(std::string_view tenant, std::string_view name_space,
                        std::string_view group) override;
  Status Set(std::string_view tenant, std::string_view name_space, const RuleGroup& group) override;
  Status DeleteGroup(std::string_view tenant, std::string_view name_space,
                     std::string_view group) override;
  Status DeleteNamespace(std::string_view tenant, std::string_view name_space) override;

 private:
  // Those that have a folder.
  Result<std::vector<std::string>> Tenants();
  // The groups of a file. kDataLoss if one of them is wrong: nobody can tell what was meant.
  Result<std::vector<RuleGroup>> Read(const std::string& path);

  FileSystem& files_;
  const std::string folder_;
};

}  // namespace skald::ruler

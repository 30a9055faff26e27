#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/files.h"
#include "common/mutex.h"
#include "ruler/rule_store.h"

namespace skald::ruler {

// Rule groups written through the API, a file each: <folder>/<tenant>/<namespace>/<group>.yaml.
// Names are spelled in base64url, so that any text is one; long ones in pieces, which are folders.
//
// Ownership: borrows `files`. No other process may write to the folder.
// Threads:   any thread may call; mutex_ keeps writers apart.
class LocalRuleStore final : public RuleStore {
 public:
  LocalRuleStore(FileSystem& files, std::string folder)
      : files_(files), folder_(std::move(folder)) {}

  Result<std::vector<TenantRules>> ReadAll(const Wants& wants) override;
  Result<RuleListing> List(std::string_view tenant) override;
  Result<RuleGroup> Get(std::string_view tenant, std::string_view name_space,
                        std::string_view group) override;
  // kInvalidArgument for a name that is too long.
  Status Set(std::string_view tenant, std::string_view name_space, const RuleGroup& group) override
      SKALD_EXCLUDES(mutex_);
  Status DeleteGroup(std::string_view tenant, std::string_view name_space,
                     std::string_view group) override SKALD_EXCLUDES(mutex_);
  Status DeleteNamespace(std::string_view tenant, std::string_view name_space) override
      SKALD_EXCLUDES(mutex_);

 private:
  // Those that have a folder.
  Result<std::vector<std::string>> Tenants();
  std::string FolderOf(std::string_view tenant, std::string_view name_space) const;
  std::string PathOf(std::string_view tenant, std::string_view name_space,
                     std::string_view group) const;
  // Makes a folder below folder_, durably.
  Status MakeFolder(const std::string& folder);
  // Adds the paths below `folder` that go on from `begin` and end with a name's last piece, of
  // which there are `pieces` at most.
  Status FindSpelled(const std::string& folder, const std::string& begin, size_t pieces,
                     std::vector<std::string>& paths);
  // The groups' files below a namespace's folder; none if there is no such folder.
  Result<std::vector<std::string>> GroupFiles(const std::string& folder);
  // Adds the groups of a namespace, kept in `folder`.
  Status ListNamespace(const std::string& folder, const std::string& name_space,
                       RuleListing& listing);
  Result<RuleGroup> Read(const std::string& path);

  FileSystem& files_;
  const std::string folder_;
  Mutex mutex_;
};

}  // namespace skald::ruler

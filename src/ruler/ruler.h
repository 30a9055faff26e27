#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/executor.h"
#include "common/limits.h"
#include "common/mutex.h"
#include "ruler/group_key.h"
#include "ruler/group_runner.h"
#include "ruler/outage.h"
#include "ruler/rule_store.h"
#include "ruler/state_file.h"
#include "ruler/tenant_turns.h"

namespace skald::ruler {

// Keeps the rule groups of all tenants running: reads them from the store again and again, and
// evaluates each at its times, which follow from its name and interval alone, so that they stay the
// same from process to process and lie apart from group to group.
//
// Order:     Start, then anything, then Stop, which is idempotent and called by the destructor.
// Ownership: borrows its Deps.
// Threads:   any thread may call; mutex_ guards which groups there are. It is not held while the
//            store is read or a group is evaluated. sync_mutex_ keeps rounds of Sync apart, and is
//            taken before mutex_. save_mutex_, taken before mutex_ too, is held while the state of
//            alerts is written.
class Ruler {
 public:
  struct Options {
    Nanoseconds evaluation_interval = std::chrono::minutes(1);  // Of groups that do not say.
    Nanoseconds poll_interval = std::chrono::minutes(1);        // How often the store is read.
    OutageOptions outage;
    std::vector<std::string> enabled_tenants;  // Whose rules run; empty: all but the next.
    std::vector<std::string> disabled_tenants;
  };
  // Whether this process runs a group: of several members of a ring each has its share.
  using Owns = std::function<bool(std::string_view tenant, std::string_view name_space,
                                  std::string_view group)>;
  struct Deps {
    RuleStore& store;
    Executor& threads;           // Where rules are evaluated; tenants take turns.
    StateFile* state = nullptr;  // Null: alerts end with the process.
    GroupRunner::Deps runner;
    Owns owns;  // Empty: all.
  };

  Ruler(Options options, Deps deps);
  ~Ruler();
  Ruler(const Ruler&) = delete;
  Ruler& operator=(const Ruler&) = delete;

  // Reads the state of alerts and the rules, and begins to evaluate.
  void Start();
  // Waits for evaluations under way and writes the state of alerts.
  void Stop() SKALD_EXCLUDES(mutex_, sync_mutex_);

  // Reads the store soon instead of at the next poll: a group was written. Groups come one by one,
  // and their author looks at each, so what is new runs no sooner than kSettle after the last.
  void Reload() SKALD_EXCLUDES(mutex_);

  // The tenant's groups, ordered by namespace and name.
  std::vector<GroupStatus> Groups(std::string_view tenant) const SKALD_EXCLUDES(mutex_);

 private:
  struct Running;

  void LoadState() SKALD_EXCLUDES(mutex_);
  void Sync() SKALD_EXCLUDES(mutex_, sync_mutex_);
  bool Allowed(const std::string& tenant) const;
  void SyncTenant(const std::string& tenant, RuleListing listing) SKALD_EXCLUDES(mutex_);
  void Put(const GroupKey& key, RuleGroup group) SKALD_REQUIRES(mutex_);
  int64_t EarliestStart(Nanoseconds interval) const SKALD_REQUIRES(mutex_);
  std::vector<RuleAlerts> TakeSaved(const GroupKey& key, const RuleGroup& group)
      SKALD_REQUIRES(mutex_);
  // Ends the series of a group that has gone between two processes.
  void EndSaved(SavedGroup saved) SKALD_REQUIRES(mutex_);
  // After an outage of for_outage_tolerance alerts begin anew.
  void ForgetOldSaved() SKALD_REQUIRES(mutex_);
  // What becomes of a group, running or saved, after the store was read.
  enum class Fate { kStays, kMoves, kEnds };
  void RemoveGroups(const std::function<Fate(const GroupKey&)>& fate) SKALD_REQUIRES(mutex_);
  // Ends the series of a group that is gone.
  void SubmitEnd(const std::shared_ptr<Running>& group) SKALD_REQUIRES(mutex_);
  void Finish(const std::shared_ptr<Running>& group) SKALD_EXCLUDES(mutex_);
  // Runs a rule, and lets others have their turns before the next.
  void RunNext(const std::shared_ptr<Running>& group, GroupRunner::Evaluation evaluation)
      SKALD_EXCLUDES(mutex_);
  // Hands the groups whose time has come to the threads.
  void Tick() SKALD_EXCLUDES(mutex_);
  void SkipMissed(Running& running, int64_t now_ns) SKALD_REQUIRES(mutex_);
  // Writes the alerts of a group, which have changed; groups that change at once share a write.
  void KeepAlerts(const GroupKey& key) SKALD_EXCLUDES(mutex_, save_mutex_);
  // Writes how the groups stand that may have changed since the last time.
  void SaveState() SKALD_EXCLUDES(mutex_, save_mutex_);
  void SaveChanges() SKALD_REQUIRES(save_mutex_) SKALD_EXCLUDES(mutex_);
  void NoteChange(const GroupKey& key) SKALD_REQUIRES(mutex_);

  const Options options_;
  const Deps deps_;
  CancelToken stopping_;
  TenantTurns turns_;

  Mutex sync_mutex_;
  Mutex save_mutex_;
  mutable Mutex mutex_;
  CondVar idle_;
  std::map<GroupKey, std::shared_ptr<Running>> groups_ SKALD_GUARDED_BY(mutex_);
  // Those that are not being evaluated, by when they will be.
  std::set<std::pair<int64_t, std::shared_ptr<Running>>> due_ SKALD_GUARDED_BY(mutex_);
  int64_t settled_at_ns_ SKALD_GUARDED_BY(mutex_) = 0;  // kSettle after the last Reload.
  size_t evaluating_ SKALD_GUARDED_BY(mutex_) = 0;      // Tasks given to the threads.
  bool stopped_ SKALD_GUARDED_BY(mutex_) = false;
  // Of the earlier process, and not taken up yet: of groups that cannot be read, or run elsewhere.
  std::vector<SavedGroup> saved_ SKALD_GUARDED_BY(mutex_);
  std::set<GroupKey> changed_ SKALD_GUARDED_BY(mutex_);       // Whose alerts may not be as stored.
  uint64_t changes_ SKALD_GUARDED_BY(mutex_) = 0;             // Times that alerts may have changed.
  uint64_t saved_changes_ SKALD_GUARDED_BY(save_mutex_) = 0;  // Those that are stored.

  std::unique_ptr<PeriodicTask> poll_;
  std::unique_ptr<PeriodicTask> ticker_;
  std::unique_ptr<PeriodicTask> saver_;
};

// The first time at or after `now_ns` at which a group is evaluated: a multiple of its interval,
// moved by a hash of its name.
int64_t FirstEvaluation(std::string_view tenant, std::string_view name_space,
                        std::string_view group, Nanoseconds interval, int64_t now_ns);

}  // namespace skald::ruler

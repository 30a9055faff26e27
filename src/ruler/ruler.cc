#include "ruler/ruler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/hash.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::ruler {
namespace {

constexpr auto kTick = std::chrono::milliseconds(50);  // How late an evaluation may begin.
constexpr auto kSettle = std::chrono::seconds(5);
// How often the values of alerts and when they were sent are stored; states are as they change.
constexpr auto kSavePeriod = std::chrono::seconds(2);

void PublishReload(const std::string& tenant, bool good, int64_t now_ns) {
  Metrics::GetGauge("loki_ruler_config_last_reload_successful",
                    "Whether a tenant's rules could be read the last time.", {{"user", tenant}})
      .Set(good ? 1 : 0);
  if (!good) return;
  Metrics::GetGauge("loki_ruler_config_last_reload_successful_seconds",
                    "When a tenant's rules could last be read.", {{"user", tenant}})
      .Set(static_cast<double>(now_ns / 1'000'000) / 1e3);
}

Counter Updates(const std::string& tenant) {
  return Metrics::GetCounter("loki_ruler_config_updates_total", "Changes of a tenant's rules.",
                             {{"user", tenant}});
}

bool Contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

struct Ruler::Running {
  GroupKey key;
  std::shared_ptr<GroupRunner> runner;
  RuleGroup written;  // As the store has it.
  int64_t next_ns = 0;
  bool evaluating = false;
  bool gone = false;  // It is to be ended once it is not evaluated.
};

int64_t FirstEvaluation(std::string_view tenant, std::string_view name_space,
                        std::string_view group, Nanoseconds interval, int64_t now_ns) {
  const uint64_t hash = HashCombine(HashCombine(Hash64(tenant), Hash64(name_space)), Hash64(group));
  const int64_t period = interval.count();
  const auto offset = static_cast<int64_t>(hash % static_cast<uint64_t>(period));
  const int64_t at = now_ns - now_ns % period + offset;
  return at - period >= now_ns ? at - period : at >= now_ns ? at : at + period;
}

Ruler::Ruler(Options options, Deps deps)
    : options_(std::move(options)), deps_(std::move(deps)), turns_(deps_.threads) {}

Ruler::~Ruler() { Stop(); }

void Ruler::Start() {
  if (deps_.state != nullptr) LoadState();
  Sync();
  poll_ = std::make_unique<PeriodicTask>("rules", options_.poll_interval, [this] { Sync(); });
  ticker_ = std::make_unique<PeriodicTask>("ruler", kTick, [this] { Tick(); });
  saver_ = std::make_unique<PeriodicTask>("rule-state", kSavePeriod, [this] { SaveState(); });
}

void Ruler::LoadState() {
  auto loaded = deps_.state->Load();
  if (!loaded.ok() || loaded->damaged_bytes > 0) {
    Metrics::GetCounter("skald_ruler_state_damages_total",
                        "Starts that could not read the state of alerts, or not all of it.")
        .Add();
  }
  if (!loaded.ok()) {
    LogWarn("the state of alerts cannot be read; they begin anew", {{"err", loaded.status()}});
    return;
  }
  if (loaded->damaged_bytes > 0) {
    LogWarn("the state of alerts is damaged; some may be those of an earlier time",
            {{"bytes", loaded->damaged_bytes}});
  }
  const MutexLock lock(mutex_);
  saved_ = std::move(loaded->groups);
  ForgetOldSaved();
}

void Ruler::Stop() {
  {
    const MutexLock lock(mutex_);
    if (stopped_) return;
    stopped_ = true;
  }
  stopping_.Cancel();
  if (poll_ != nullptr) poll_->Stop();
  if (ticker_ != nullptr) ticker_->Stop();
  if (saver_ != nullptr) saver_->Stop();
  {
    const MutexLock lock(mutex_);
    while (evaluating_ > 0) idle_.Wait(mutex_);
  }
  SaveState();
}

void Ruler::Reload() {
  {
    const MutexLock lock(mutex_);
    settled_at_ns_ = deps_.runner.clock.NowNs() + Nanoseconds(kSettle).count();
  }
  if (poll_ != nullptr) poll_->Trigger();
}

bool Ruler::Allowed(const std::string& tenant) const {
  const bool enabled =
      options_.enabled_tenants.empty() || Contains(options_.enabled_tenants, tenant);
  return enabled && !Contains(options_.disabled_tenants, tenant);
}

void Ruler::Sync() {
  const MutexLock sync_lock(sync_mutex_);
  Metrics::GetCounter("loki_ruler_sync_rules_total", "Rounds of reading all rules.",
                      {{"reason", "periodic"}})
      .Add();
  auto all = deps_.store.ReadAll([this](const std::string& tenant) { return Allowed(tenant); });
  if (!all.ok()) {
    LogError("rules cannot be read", {{"err", all.status()}});
    return;
  }
  std::set<std::string> known;
  for (auto& [tenant, listing] : *all) {
    known.insert(tenant);
    PublishReload(tenant, listing.ok() && listing->damaged.empty(), deps_.runner.clock.NowNs());
    if (listing.ok()) {
      SyncTenant(tenant, *std::move(listing));
    } else {
      LogError("rules cannot be read; those from before go on",
               {{"user", tenant}, {"err", listing.status()}});
    }
  }
  Metrics::GetGauge("loki_ruler_managers_total", "Tenants whose rules are run.")
      .Set(static_cast<double>(known.size()));
  const MutexLock lock(mutex_);
  ForgetOldSaved();
  RemoveGroups(
      [&](const GroupKey& key) { return known.contains(key.tenant) ? Fate::kStays : Fate::kEnds; });
}

void Ruler::SyncTenant(const std::string& tenant, RuleListing listing) {
  std::map<GroupKey, bool> known;  // With whether they are run here.
  std::set<std::string> unread;    // Namespaces that may have any groups.
  for (const DamagedGroup& damaged : listing.damaged) {
    LogError("a rule group cannot be read; if it ran before, it goes on",
             {{"user", tenant}, {"err", damaged.status}});
    if (damaged.group.has_value()) {
      known.emplace(GroupKey{tenant, damaged.name_space, *damaged.group}, true);
    } else {
      unread.insert(damaged.name_space);
    }
  }
  const MutexLock lock(mutex_);
  for (auto& [name_space, groups] : listing.namespaces) {
    for (RuleGroup& group : groups) {
      GroupKey key{tenant, name_space, group.name};
      const bool own = !deps_.owns || deps_.owns(tenant, name_space, group.name);
      if (own) Put(key, std::move(group));
      known.emplace(std::move(key), own);
    }
  }
  RemoveGroups([&](const GroupKey& key) {
    if (key.tenant != tenant || unread.contains(key.name_space)) return Fate::kStays;
    const auto found = known.find(key);
    if (found == known.end()) return Fate::kEnds;
    return found->second ? Fate::kStays : Fate::kMoves;
  });
}

void Ruler::Put(const GroupKey& key, RuleGroup group) {
  std::shared_ptr<Running>& running = groups_[key];
  if (running != nullptr && running->written == group) return;
  Updates(key.tenant).Add();
  auto next = std::make_shared<Running>();
  next->key = key;
  next->written = group;
  if (group.interval.count() <= 0) group.interval = options_.evaluation_interval;
  next->next_ns = FirstEvaluation(key.tenant, key.name_space, key.group, group.interval,
                                  EarliestStart(group.interval));
  GroupRunner::Deps deps = deps_.runner;
  deps.keep_alerts = [this, key] { KeepAlerts(key); };
  next->runner = std::make_shared<GroupRunner>(deps, model::TenantId(key.tenant), key.name_space,
                                               std::move(group));
  if (running != nullptr) {
    due_.erase({running->next_ns, running});
    next->runner->GoOnFrom(*running->runner);
  } else {
    next->runner->TakeAlerts(TakeSaved(key, next->runner->group()));
  }
  running = std::move(next);
  due_.emplace(running->next_ns, running);
  NoteChange(key);
}

int64_t Ruler::EarliestStart(Nanoseconds interval) const {
  const int64_t now_ns = deps_.runner.clock.NowNs();
  // At most one turn is left out.
  return std::clamp(settled_at_ns_, now_ns, now_ns + interval.count());
}

std::vector<RuleAlerts> Ruler::TakeSaved(const GroupKey& key, const RuleGroup& group) {
  const auto found = std::find_if(saved_.begin(), saved_.end(),
                                  [&](const SavedGroup& saved) { return saved.key == key; });
  if (found == saved_.end()) return {};
  const int64_t saved_at_ns = found->saved_at_ns;
  std::vector<RuleAlerts> alerts = std::move(found->rules);
  saved_.erase(found);
  for (RuleAlerts& of : alerts) {
    const auto rule = std::find_if(group.rules.begin(), group.rules.end(), [&](const Rule& r) {
      return r.name() == of.rule && r.labels == of.rule_labels;
    });
    if (rule == group.rules.end()) continue;
    ShiftOverOutage(of.alerts, rule->for_duration, saved_at_ns, deps_.runner.clock.NowNs(),
                    options_.outage.grace_period);
  }
  return alerts;
}

void Ruler::RemoveGroups(const std::function<Fate(const GroupKey&)>& fate) {
  for (auto at = groups_.begin(); at != groups_.end();) {
    const Fate now = fate(at->first);
    if (now == Fate::kStays) {
      ++at;
      continue;
    }
    Updates(at->first.tenant).Add();
    NoteChange(at->first);
    // Who has taken over a group that moves goes on with its series.
    if (now == Fate::kEnds) SubmitEnd(at->second);
    due_.erase({at->second->next_ns, at->second});
    at = groups_.erase(at);
  }
  for (auto at = saved_.begin(); at != saved_.end();) {
    if (fate(at->key) != Fate::kEnds) {
      ++at;
      continue;
    }
    NoteChange(at->key);
    EndSaved(std::move(*at));
    at = saved_.erase(at);
  }
}

void Ruler::EndSaved(SavedGroup saved) {
  auto group = std::make_shared<Running>();
  group->key = saved.key;
  group->runner = std::make_shared<GroupRunner>(
      deps_.runner, model::TenantId(saved.key.tenant), saved.key.name_space,
      RuleGroup{.name = saved.key.group, .interval = options_.evaluation_interval});
  group->runner->TakeAlerts(std::move(saved.rules));  // Of rules that are gone, so all end.
  SubmitEnd(group);
}

void Ruler::ForgetOldSaved() {
  const int64_t oldest_ns = deps_.runner.clock.NowNs() - options_.outage.tolerance.count();
  const auto is_old = [oldest_ns](const SavedGroup& saved) {
    return saved.saved_at_ns < oldest_ns;
  };
  for (const SavedGroup& saved : saved_) {
    if (is_old(saved)) NoteChange(saved.key);
  }
  std::erase_if(saved_, is_old);
}

void Ruler::SubmitEnd(const std::shared_ptr<Running>& group) {
  group->gone = true;
  if (group->evaluating || stopped_) return;
  ++evaluating_;
  turns_.Submit(group->key.tenant, [this, group] {
    group->runner->End(deps_.runner.clock.NowNs());
    const MutexLock lock(mutex_);
    --evaluating_;
    idle_.NotifyAll();
  });
}

void Ruler::SkipMissed(Running& running, int64_t now_ns) {
  const int64_t interval = running.runner->group().interval.count();
  const int64_t missed = (now_ns - running.next_ns) / interval;
  if (missed <= 0) return;
  running.next_ns += missed * interval;
  running.runner->CountMissed(missed);
}

void Ruler::Tick() {
  const int64_t now_ns = deps_.runner.clock.NowNs();
  const MutexLock lock(mutex_);
  while (!stopped_ && !due_.empty() && due_.begin()->first <= now_ns) {
    const std::shared_ptr<Running> running = due_.begin()->second;
    due_.erase(due_.begin());
    SkipMissed(*running, now_ns);
    const int64_t time_ns = running->next_ns;
    running->next_ns += running->runner->group().interval.count();
    running->evaluating = true;
    ++evaluating_;
    turns_.Submit(running->key.tenant,
                  [this, running, time_ns] { RunNext(running, running->runner->Begin(time_ns)); });
  }
}

void Ruler::RunNext(const std::shared_ptr<Running>& group, GroupRunner::Evaluation evaluation) {
  if (!group->runner->RunNext(evaluation, stopping_)) return Finish(group);
  turns_.Continue(group->key.tenant, [this, group, evaluation = std::move(evaluation)]() mutable {
    RunNext(group, std::move(evaluation));
  });
}

void Ruler::Finish(const std::shared_ptr<Running>& group) {
  const MutexLock lock(mutex_);
  group->evaluating = false;
  NoteChange(group->key);  // Values, at least, and when they were sent.
  const auto known = groups_.find(group->key);
  if (known != groups_.end() && known->second == group) due_.emplace(group->next_ns, group);
  if (group->gone) SubmitEnd(group);
  --evaluating_;
  idle_.NotifyAll();
}

void Ruler::NoteChange(const GroupKey& key) {
  if (deps_.state == nullptr) return;
  changed_.insert(key);
  ++changes_;
}

void Ruler::KeepAlerts(const GroupKey& key) {
  uint64_t wanted = 0;
  {
    const MutexLock lock(mutex_);
    NoteChange(key);
    wanted = changes_;
  }
  const MutexLock save_lock(save_mutex_);
  if (saved_changes_ < wanted) SaveChanges();
}

void Ruler::SaveState() {
  if (deps_.state == nullptr) return;
  const MutexLock save_lock(save_mutex_);
  SaveChanges();
}

void Ruler::SaveChanges() {
  uint64_t held = 0;
  std::vector<std::pair<GroupKey, std::shared_ptr<GroupRunner>>> changed;
  {
    const MutexLock lock(mutex_);
    held = changes_;
    for (const GroupKey& key : std::exchange(changed_, {})) {
      const auto group = groups_.find(key);
      changed.emplace_back(key, group != groups_.end() ? group->second->runner : nullptr);
    }
  }
  std::vector<SavedGroup> groups;
  for (const auto& [key, runner] : changed) {
    groups.push_back({.key = key, .saved_at_ns = 0, .rules = {}});
    if (runner != nullptr) groups.back().rules = runner->Alerts();
  }
  const Status status = deps_.state->Save(groups, deps_.runner.clock.NowNs());
  if (status.ok()) {
    saved_changes_ = held;
  } else {
    LogWarn("the state of alerts cannot be written", {{"err", status}});
  }
}

std::vector<GroupStatus> Ruler::Groups(std::string_view tenant) const {
  std::vector<std::shared_ptr<Running>> running;
  {
    const MutexLock lock(mutex_);
    for (const auto& [key, group] : groups_) {
      if (key.tenant == tenant) running.push_back(group);
    }
  }
  std::vector<GroupStatus> groups;
  groups.reserve(running.size());
  for (const auto& group : running) groups.push_back(group->runner->Snapshot());
  return groups;
}

}  // namespace skald::ruler

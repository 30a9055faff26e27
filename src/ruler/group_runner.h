#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/executor.h"
#include "common/mutex.h"
#include "model/ids.h"
#include "model/labels.h"
#include "ruler/evaluator.h"
#include "ruler/group_metrics.h"
#include "ruler/group_status.h"
#include "ruler/outputs.h"

namespace skald::ruler {

// Evaluates the rules of one group, in their order, and hands on what comes of them: alerts, the
// samples of recording rules, and of alerting ones ALERTS and ALERTS_FOR_STATE, as Prometheus makes
// them. A series that a rule no longer gives is ended.
//
// Order:     TakeAlerts or GoOnFrom, if at all, then Evaluate for ascending times, then End, if the
//            group is gone for good.
// Ownership: borrows its Deps.
// Threads:   any thread may call, one at a time evaluates; mutex_ guards how the rules stand. It is
//            not held over queries and sinks.
// Cost:      Evaluate waits for a query a rule.
class GroupRunner {
 public:
  struct Deps {
    Evaluator& evaluator;
    AlertSink& alerts;
    SampleSink& samples;
    const Clock& clock;
    std::string external_url;
    model::Labels external_labels = {};  // What templates see as such.
    Nanoseconds resend_delay = std::chrono::minutes(1);
    GroupLabel metric_label = GroupLabel::kShown;
    // Stores alerts that have changed their state, before anyone is told. Empty: nothing is stored.
    std::function<void()> keep_alerts;
  };

  // Requires: the group is checked, its interval set.
  GroupRunner(const Deps& deps, model::TenantId tenant, std::string name_space, RuleGroup group);
  ~GroupRunner();
  GroupRunner(const GroupRunner&) = delete;
  GroupRunner& operator=(const GroupRunner&) = delete;

  const RuleGroup& group() const { return group_; }

  // Goes on with alerts of an earlier runner, or of an earlier process, for rules that are still
  // there; their series end when they do. Those of other rules end at the next evaluation.
  void TakeAlerts(std::vector<RuleAlerts> alerts) SKALD_EXCLUDES(mutex_);
  // The same, and with all other series of the earlier runner.
  void GoOnFrom(GroupRunner& earlier) SKALD_EXCLUDES(mutex_);
  std::vector<RuleAlerts> Alerts() const SKALD_EXCLUDES(mutex_);

  // Runs every rule as of `time_ns`. A rule that fails says so in its status, its alerts stay as
  // they are and are told on, and the next one is run. An answer that may be short is a failure: no
  // alert ends by it and nothing is recorded, but what it shows to hold fires. Ends early once
  // `cancel` fires, as if the rule under way had not been run.
  void Evaluate(int64_t time_ns, const CancelToken& cancel) SKALD_EXCLUDES(mutex_);

  // What a rule has given that is not yet written: till then it is not done.
  struct Given {
    size_t rule = 0;
    std::vector<RecordedSample> samples;  // With the ends of series that it has not given.
    std::set<model::Labels> series;
    Status status;       // Of all but the writing.
    double seconds = 0;  // That its evaluation took.
    int64_t at_ns = 0;   // When that ended.
  };
  // An evaluation under way.
  struct Evaluation {
    int64_t time_ns = 0;
    int64_t begin_ns = 0;  // Of the monotonic clock.
    size_t next_rule = 0;
    size_t samples = 0;  // That its rules have given.
    std::vector<Given> given;
    size_t waiting = 0;            // Samples in `given`.
    int64_t waiting_since_ns = 0;  // Of the monotonic clock: the first of them.
  };
  // Evaluate in pieces of a rule each, so that others may have their turns in between: Begin, and
  // RunNext until it returns false. Samples of several rules are written together: with the
  // last, or when there is much, or it has waited for a second.
  Evaluation Begin(int64_t time_ns) const;
  bool RunNext(Evaluation& evaluation, const CancelToken& cancel) SKALD_EXCLUDES(mutex_);

  // Ends all series of the group.
  void End(int64_t time_ns) SKALD_EXCLUDES(mutex_);
  // Counts evaluations that were left out.
  void CountMissed(int64_t evaluations) const;

  GroupStatus Snapshot() const SKALD_EXCLUDES(mutex_);

 private:
  // A rule with what is made of it once.
  struct Prepared;
  using Recorded = std::vector<RecordedSample>;

  void EvaluateRule(Evaluation& evaluation, const CancelToken& cancel) SKALD_EXCLUDES(mutex_);
  void NoteEvaluation(const Given& given, const Status& status) SKALD_EXCLUDES(mutex_);
  // Whether what has been given must be written before the next rule is run.
  bool IsDue(const Evaluation& evaluation) const;
  // Of an error the rule's alerts stay as they were.
  Status RunAlert(const EvaluatedQuery& answer, int64_t time_ns, const CancelToken& cancel,
                  Given& given) SKALD_EXCLUDES(mutex_);
  Status RunRecord(const EvaluatedQuery& answer, int64_t time_ns, Given& given)
      SKALD_EXCLUDES(mutex_);
  // Adds what a rule has given, and the ends of those of its series that it has not.
  void Record(Recorded samples, int64_t time_ns, Given& given) SKALD_EXCLUDES(mutex_);
  void Write(Evaluation& evaluation) SKALD_EXCLUDES(mutex_);
  void EndOrphans(int64_t time_ns) SKALD_EXCLUDES(mutex_);
  Status CheckLimit(size_t count, std::string_view what) const;
  // The alerts for which the rule holds, no more than the group's limit.
  Result<std::vector<Alert>> MakeAlerts(const Prepared& rule,
                                        const std::vector<EvaluatedSample>& samples,
                                        int64_t time_ns, const CancelToken& cancel) const;
  Result<std::vector<EvaluatedSample>> QueryForTemplate(const std::string& expr, int64_t time_ns,
                                                        const CancelToken& cancel) const;
  void SendDue(Prepared& rule, int64_t time_ns) SKALD_EXCLUDES(mutex_);
  void Publish(const Evaluation& evaluation, double seconds);

  const Deps deps_;
  const model::TenantId tenant_;
  const std::string name_space_;
  const RuleGroup group_;
  const std::vector<std::unique_ptr<Prepared>> rules_;  // What changes in them is guarded as below.
  GroupMetrics metrics_;

  mutable Mutex mutex_;
  int64_t last_evaluation_ns_ SKALD_GUARDED_BY(mutex_) = 0;
  double evaluation_seconds_ SKALD_GUARDED_BY(mutex_) = 0;
  std::set<model::Labels> orphans_ SKALD_GUARDED_BY(mutex_);  // Series whose rule is gone.
};

}  // namespace skald::ruler

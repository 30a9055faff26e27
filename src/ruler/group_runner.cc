#include "ruler/group_runner.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "common/logging.h"
#include "common/quote.h"
#include "logql/parser.h"
#include "logql/printer.h"
#include "ruler/alert_maker.h"
#include "ruler/alert_series.h"

namespace skald::ruler {
namespace {

// Prometheus' figure: an alert that is not sent again ends after so many delays.
constexpr int kMissedSends = 4;
// So many samples are written before the next rule is run, so that a large group holds no more.
constexpr size_t kMaxWaiting = 10'000;
// Or they have waited so long: one wait for the disk saves nothing where rules take longer.
constexpr int64_t kMaxWaitingNs = 1'000'000'000;

std::string CanonicalQuery(const std::string& expr) {
  const auto parsed = logql::Parse(expr);
  return parsed.ok() ? logql::Print(**parsed) : expr;
}

}  // namespace

struct GroupRunner::Prepared {
  explicit Prepared(const Rule& of)
      : rule(of),
        query(CanonicalQuery(of.expr)),
        tracker({.for_duration = of.for_duration, .keep_firing_for = of.keep_firing_for}) {
    if (rule.is_alert()) maker.emplace(rule);
  }

  const Rule& rule;
  const std::string query;
  std::optional<AlertMaker> maker;  // Of an alerting rule.
  // Guarded by the runner's mutex_.
  AlertTracker tracker;
  std::set<model::Labels> series;  // That it has given the last time.
  RuleHealth health = RuleHealth::kUnknown;
  std::string last_error;
  int64_t last_evaluation_ns = 0;
  double evaluation_seconds = 0;
};

GroupRunner::GroupRunner(const Deps& deps, model::TenantId tenant, std::string name_space,
                         RuleGroup group)
    : deps_(deps),
      tenant_(std::move(tenant)),
      name_space_(std::move(name_space)),
      group_(std::move(group)),
      rules_([this] {
        std::vector<std::unique_ptr<Prepared>> rules;
        for (const Rule& rule : group_.rules) rules.push_back(std::make_unique<Prepared>(rule));
        return rules;
      }()),
      metrics_(tenant_.value(), name_space_, group_.name, deps_.metric_label) {
  metrics_.rules.Set(static_cast<double>(rules_.size()));
}

GroupRunner::~GroupRunner() = default;

void GroupRunner::TakeAlerts(std::vector<RuleAlerts> alerts) {
  const MutexLock lock(mutex_);
  for (const auto& rule : rules_) {
    const auto found = std::find_if(alerts.begin(), alerts.end(), [&](const RuleAlerts& old) {
      return old.rule == rule->rule.name() && old.rule_labels == rule->rule.labels;
    });
    if (found == alerts.end()) continue;
    rule->tracker.Restore(std::move(found->alerts));
    alerts.erase(found);  // Of two equal rules each has its own.
    rule->series.merge(SeriesOfAlerts(rule->tracker.Untold()));
  }
  for (RuleAlerts& left : alerts) {
    AlertTracker tracker({});
    tracker.Restore(std::move(left.alerts));
    orphans_.merge(SeriesOfAlerts(tracker.Untold()));
  }
}

void GroupRunner::GoOnFrom(GroupRunner& earlier) {
  earlier.metrics_.rules.Set(0);  // It may live on for an evaluation, and would be counted as well.
  TakeAlerts(earlier.Alerts());
  std::vector<std::pair<const Rule*, std::set<model::Labels>>> left;
  std::set<model::Labels> orphans;
  {
    const MutexLock lock(earlier.mutex_);
    for (const auto& rule : earlier.rules_) left.emplace_back(&rule->rule, rule->series);
    orphans = earlier.orphans_;
  }
  const MutexLock lock(mutex_);
  for (const auto& rule : rules_) {
    const auto found = std::find_if(left.begin(), left.end(), [&](const auto& old) {
      return old.first->name() == rule->rule.name() && old.first->labels == rule->rule.labels;
    });
    if (found == left.end()) continue;
    rule->series = std::move(found->second);
    left.erase(found);
  }
  for (auto& [rule, series] : left) orphans.merge(series);
  orphans_ = std::move(orphans);
}

std::vector<RuleAlerts> GroupRunner::Alerts() const {
  std::vector<RuleAlerts> all;
  const MutexLock lock(mutex_);
  for (const auto& rule : rules_) {
    auto alerts = rule->tracker.All();
    if (alerts.empty()) continue;
    all.push_back(
        {.rule = rule->rule.name(), .rule_labels = rule->rule.labels, .alerts = std::move(alerts)});
  }
  return all;
}

void GroupRunner::Evaluate(int64_t time_ns, const CancelToken& cancel) {
  for (Evaluation evaluation = Begin(time_ns); RunNext(evaluation, cancel);) {
  }
}

GroupRunner::Evaluation GroupRunner::Begin(int64_t time_ns) const {
  return {.time_ns = time_ns, .begin_ns = deps_.clock.MonotonicNs()};
}

bool GroupRunner::RunNext(Evaluation& evaluation, const CancelToken& cancel) {
  const bool cancelled = cancel.cancelled();
  if (!cancelled && evaluation.next_rule < rules_.size()) EvaluateRule(evaluation, cancel);
  const bool last = cancelled || evaluation.next_rule == rules_.size();
  if (last || IsDue(evaluation)) Write(evaluation);
  if (cancelled) return false;
  if (!last) return true;
  EndOrphans(evaluation.time_ns);
  const double seconds = static_cast<double>(deps_.clock.MonotonicNs() - evaluation.begin_ns) / 1e9;
  {
    const MutexLock lock(mutex_);
    last_evaluation_ns_ = deps_.clock.NowNs();
    evaluation_seconds_ = seconds;
  }
  Publish(evaluation, seconds);
  return false;
}

bool GroupRunner::IsDue(const Evaluation& evaluation) const {
  return evaluation.waiting >= kMaxWaiting ||
         (!evaluation.given.empty() &&
          deps_.clock.MonotonicNs() - evaluation.waiting_since_ns >= kMaxWaitingNs);
}

void GroupRunner::EvaluateRule(Evaluation& evaluation, const CancelToken& cancel) {
  const int64_t begin_ns = deps_.clock.MonotonicNs();
  const int64_t time_ns = evaluation.time_ns;
  Given given{.rule = evaluation.next_rule++};
  Prepared& rule = *rules_[given.rule];
  const auto answer = deps_.evaluator.Evaluate(tenant_, rule.rule.expr, time_ns, cancel);
  given.status = answer.status();
  if (answer.ok()) {
    evaluation.samples += answer->samples.size();
    given.status = rule.rule.is_alert() ? RunAlert(*answer, time_ns, cancel, given)
                                        : RunRecord(*answer, time_ns, given);
  }
  if (!given.status.ok()) {
    // That is no fault of the rule's.
    if (cancel.cancelled() && given.samples.empty()) return;
    // Receivers take an alert that they no longer hear of for ended, which nobody knows.
    SendDue(rule, time_ns);
  }
  given.seconds = static_cast<double>(deps_.clock.MonotonicNs() - begin_ns) / 1e9;
  given.at_ns = deps_.clock.NowNs();
  if (given.samples.empty()) {
    NoteEvaluation(given, given.status);
    return;
  }
  if (evaluation.given.empty()) evaluation.waiting_since_ns = begin_ns;
  evaluation.waiting += given.samples.size();
  evaluation.given.push_back(std::move(given));
}

void GroupRunner::NoteEvaluation(const Given& given, const Status& status) {
  Prepared& rule = *rules_[given.rule];
  metrics_.evaluations.Add();
  if (!status.ok()) {
    metrics_.failures.Add();
    LogWarn("evaluating a rule failed", {{"user", tenant_.value()},
                                         {"namespace", name_space_},
                                         {"group", group_.name},
                                         {"rule", rule.rule.name()},
                                         {"err", status}});
  }
  metrics_.rule_duration.Observe(given.seconds);
  const MutexLock lock(mutex_);
  rule.health = status.ok() ? RuleHealth::kOk : RuleHealth::kFailed;
  rule.last_error = std::string(status.message());
  rule.last_evaluation_ns = given.at_ns;
  rule.evaluation_seconds = given.seconds;
}

Status GroupRunner::CheckLimit(size_t count, std::string_view what) const {
  if (group_.limit <= 0 || count <= static_cast<size_t>(group_.limit)) return {};
  return ResourceExhausted("exceeded limit of " + std::to_string(group_.limit) + " with " +
                           std::to_string(count) + " " + std::string(what));
}

Result<std::vector<EvaluatedSample>> GroupRunner::QueryForTemplate(
    const std::string& expr, int64_t time_ns, const CancelToken& cancel) const {
  SKALD_ASSIGN_OR_RETURN(EvaluatedQuery answer,
                         deps_.evaluator.Evaluate(tenant_, expr, time_ns, cancel));
  if (!answer.missing.empty()) return DataLoss(answer.missing);
  return std::move(answer.samples);
}

Result<std::vector<Alert>> GroupRunner::MakeAlerts(const Prepared& rule,
                                                   const std::vector<EvaluatedSample>& samples,
                                                   int64_t time_ns,
                                                   const CancelToken& cancel) const {
  SKALD_RETURN_IF_ERROR(CheckLimit(samples.size(), "alerts"));
  const auto query = [&](const std::string& expr) {
    return QueryForTemplate(expr, time_ns, cancel);
  };
  SKALD_ASSIGN_OR_RETURN(std::vector<Alert> alerts,
                         rule.maker->Make(samples, {.external_labels = deps_.external_labels,
                                                    .external_url = deps_.external_url,
                                                    .time_ns = time_ns,
                                                    .query = query}));
  SKALD_RETURN_IF_ERROR(cancel.Check());  // Templates may not have had their answers.
  return alerts;
}

Status GroupRunner::RunAlert(const EvaluatedQuery& answer, int64_t time_ns,
                             const CancelToken& cancel, Given& given) {
  Prepared& rule = *rules_[given.rule];
  SKALD_ASSIGN_OR_RETURN(std::vector<Alert> holding,
                         MakeAlerts(rule, answer.samples, time_ns, cancel));
  const auto known =
      answer.missing.empty() ? AlertTracker::Known::kAll : AlertTracker::Known::kInPart;
  Recorded recorded;
  bool changed = false;
  {
    const MutexLock lock(mutex_);
    changed = rule.tracker.Update(std::move(holding), time_ns, known);
    for (const Alert& alert : rule.tracker.Active()) AddAlertSamples(alert, time_ns, recorded);
  }
  if (changed && deps_.keep_alerts) deps_.keep_alerts();
  SendDue(rule, time_ns);
  Record(std::move(recorded), time_ns, given);
  return answer.missing.empty() ? Status() : DataLoss(answer.missing);
}

void GroupRunner::SendDue(Prepared& rule, int64_t time_ns) {
  std::vector<Alert> due;
  {
    const MutexLock lock(mutex_);
    due = rule.tracker.TakeDue(time_ns, deps_.resend_delay);
  }
  if (due.empty()) return;
  const int64_t valid_ns =
      kMissedSends * std::max(deps_.resend_delay.count(), group_.interval.count());
  std::vector<FiredAlert> fired;
  for (Alert& alert : due) {
    fired.push_back(
        {.labels = std::move(alert.labels),
         .annotations = std::move(alert.annotations),
         .starts_at_ns = alert.fired_at_ns,
         .ends_at_ns = alert.resolved_at_ns > 0 ? alert.resolved_at_ns : time_ns + valid_ns,
         .expr = rule.query});
  }
  deps_.alerts.Send(tenant_.value(), std::move(fired));
}

Status GroupRunner::RunRecord(const EvaluatedQuery& answer, int64_t time_ns, Given& given) {
  const Prepared& rule = *rules_[given.rule];
  // A gap is seen where a value that is too small is not.
  if (!answer.missing.empty()) return DataLoss(answer.missing);
  SKALD_RETURN_IF_ERROR(CheckLimit(answer.samples.size(), "series"));
  Recorded recorded;
  std::set<std::string> seen;
  for (const EvaluatedSample& sample : answer.samples) {
    model::LabelsBuilder labels(sample.labels);
    labels.Set("__name__", rule.rule.record);
    for (const auto& [name, value] : rule.rule.labels) labels.Set(name, value);
    recorded.push_back(
        {.labels = labels.Build(), .time_ms = time_ns / 1'000'000, .value = sample.value});
    if (!seen.emplace(recorded.back().labels.encoded()).second) {
      return InvalidArgument(
          "vector contains metrics with the same labelset after applying rule labels");
    }
  }
  Record(std::move(recorded), time_ns, given);
  return {};
}

void GroupRunner::Record(Recorded samples, int64_t time_ns, Given& given) {
  for (const RecordedSample& sample : samples) given.series.insert(sample.labels);
  Prepared& rule = *rules_[given.rule];
  const MutexLock lock(mutex_);
  for (const model::Labels& series : rule.series) {
    if (!given.series.contains(series)) samples.push_back(EndOfSeries(series, time_ns));
  }
  // Until it is known what is written: whoever goes on from here ends all of them.
  rule.series.insert(given.series.begin(), given.series.end());
  given.samples = std::move(samples);
}

// One wait for the disk for all that has been given.
void GroupRunner::Write(Evaluation& evaluation) {
  std::vector<Given> all = std::exchange(evaluation.given, {});
  evaluation.waiting = 0;
  Recorded samples;
  for (Given& given : all) {
    std::move(given.samples.begin(), given.samples.end(), std::back_inserter(samples));
  }
  if (samples.empty()) return;
  const Status status = deps_.samples.Append(tenant_.value(), std::move(samples));
  for (Given& given : all) {
    Prepared& rule = *rules_[given.rule];
    if (status.ok()) {  // Else what has ended is still to be said.
      const MutexLock lock(mutex_);
      rule.series = std::move(given.series);
    }
    NoteEvaluation(given, status.ok() ? given.status : status);
  }
}

void GroupRunner::EndOrphans(int64_t time_ns) {
  std::set<model::Labels> orphans;
  {
    const MutexLock lock(mutex_);
    orphans = std::exchange(orphans_, {});
    for (const auto& rule : rules_) {
      for (const model::Labels& series : rule->series) orphans.erase(series);
    }
  }
  Recorded ends;
  for (const model::Labels& series : orphans) ends.push_back(EndOfSeries(series, time_ns));
  if (ends.empty()) return;
  const Status status = deps_.samples.Append(tenant_.value(), std::move(ends));
  if (status.ok()) return;
  LogWarn("the end of series of rules that are gone could not be written",
          {{"user", tenant_.value()},
           {"namespace", name_space_},
           {"group", group_.name},
           {"err", status}});
  const MutexLock lock(mutex_);
  orphans_.merge(orphans);
}

void GroupRunner::End(int64_t time_ns) {
  {
    const MutexLock lock(mutex_);
    for (const auto& rule : rules_) orphans_.merge(std::exchange(rule->series, {}));
  }
  EndOrphans(time_ns);
}

void GroupRunner::CountMissed(int64_t evaluations) const {
  metrics_.missed.Add(static_cast<double>(evaluations));
}

void GroupRunner::Publish(const Evaluation& evaluation, double seconds) {
  metrics_.iterations.Add();
  metrics_.interval.Set(static_cast<double>(group_.interval.count()) / 1e9);
  metrics_.last_duration.Set(seconds);
  metrics_.last_evaluation.Set(static_cast<double>(evaluation.time_ns / 1'000'000) / 1e3);
  metrics_.last_samples.Set(static_cast<double>(evaluation.samples));
  metrics_.group_duration.Observe(seconds);
}

GroupStatus GroupRunner::Snapshot() const {
  GroupStatus status;
  status.name_space = name_space_;
  status.name = group_.name;
  status.interval = group_.interval;
  status.limit = group_.limit;
  const MutexLock lock(mutex_);
  status.last_evaluation_ns = last_evaluation_ns_;
  status.evaluation_seconds = evaluation_seconds_;
  for (const auto& rule : rules_) {
    status.rules.push_back({.rule = rule->rule,
                            .query = rule->query,
                            .health = rule->health,
                            .last_error = rule->last_error,
                            .last_evaluation_ns = rule->last_evaluation_ns,
                            .evaluation_seconds = rule->evaluation_seconds,
                            .state = rule->tracker.state(),
                            .alerts = rule->tracker.Active()});
  }
  return status;
}

}  // namespace skald::ruler

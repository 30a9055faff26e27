#include "ruler/group_runner.h"

#include <algorithm>
#include <set>

#include "common/logging.h"
#include "common/metrics.h"
#include "common/quote.h"
#include "logql/parser.h"
#include "logql/printer.h"

namespace skald::ruler {
namespace {

// Prometheus' figure: an alert that is not sent again ends after so many delays.
constexpr int kMissedSends = 4;

constexpr std::string_view kMetric = "loki_prometheus_rule_";

const std::vector<double>& DurationBuckets() {
  static const std::vector<double> buckets = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60};
  return buckets;
}

Counter RuleCounter(const std::string& name, const std::string& help, const MetricLabels& labels) {
  return Metrics::GetCounter(std::string(kMetric) + name, help, labels);
}

void SetGauge(const std::string& name, const std::string& help, const MetricLabels& labels,
              double value) {
  Metrics::GetGauge(std::string(kMetric) + name, help, labels).Set(value);
}

std::vector<std::pair<std::string, AlertTemplate>> Prepare(const Rule& rule, const TextMap& texts) {
  std::vector<std::pair<std::string, AlertTemplate>> templates;
  for (const auto& [name, text] : texts) {
    auto parsed = AlertTemplate::Parse(rule.alert, text);
    if (parsed.ok()) templates.emplace_back(name, *std::move(parsed));
  }
  return templates;
}

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
    if (!rule.is_alert()) return;
    labels = Prepare(rule, rule.labels);
    annotations = Prepare(rule, rule.annotations);
  }

  const Rule& rule;
  const std::string query;
  Templates labels;
  Templates annotations;
  // Guarded by the runner's mutex_.
  AlertTracker tracker;
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
      }()) {}

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
  }
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
  const int64_t begin_ns = deps_.clock.MonotonicNs();
  last_samples_ = 0;
  for (const auto& rule : rules_) {
    if (cancel.cancelled()) return;
    EvaluateRule(*rule, time_ns);
  }
  const double seconds = static_cast<double>(deps_.clock.MonotonicNs() - begin_ns) / 1e9;
  {
    const MutexLock lock(mutex_);
    last_evaluation_ns_ = deps_.clock.NowNs();
    evaluation_seconds_ = seconds;
  }
  Publish(seconds, time_ns);
}

void GroupRunner::EvaluateRule(Prepared& rule, int64_t time_ns) {
  const int64_t begin_ns = deps_.clock.MonotonicNs();
  auto samples = deps_.evaluator.Evaluate(tenant_, rule.rule.expr, time_ns);
  Status status = samples.status();
  if (samples.ok()) {
    last_samples_ += samples->size();
    status = rule.rule.is_alert() ? RunAlert(rule, *std::move(samples), time_ns)
                                  : RunRecord(rule, *std::move(samples), time_ns);
  }
  const double seconds = static_cast<double>(deps_.clock.MonotonicNs() - begin_ns) / 1e9;
  const MetricLabels labels = {{"user", tenant_.value()},
                               {"rule_group", name_space_ + ";" + group_.name}};
  RuleCounter("evaluations_total", "Evaluations of rules.", labels).Add();
  const Counter failures =
      RuleCounter("evaluation_failures_total", "Evaluations of rules that failed.", labels);
  if (!status.ok()) {
    failures.Add();
    LogWarn("evaluating a rule failed", {{"user", tenant_.value()},
                                         {"namespace", name_space_},
                                         {"group", group_.name},
                                         {"rule", rule.rule.name()},
                                         {"err", status}});
  }
  Metrics::GetHistogram(std::string(kMetric) + "evaluation_duration_seconds",
                        "How long rules took.", DurationBuckets(), {{"user", tenant_.value()}})
      .Observe(seconds);
  const MutexLock lock(mutex_);
  rule.health = status.ok() ? RuleHealth::kOk : RuleHealth::kFailed;
  rule.last_error = std::string(status.message());
  rule.last_evaluation_ns = deps_.clock.NowNs();
  rule.evaluation_seconds = seconds;
}

Status GroupRunner::CheckLimit(size_t count, std::string_view what) const {
  if (group_.limit <= 0 || count <= static_cast<size_t>(group_.limit)) return {};
  return ResourceExhausted("exceeded limit of " + std::to_string(group_.limit) + " with " +
                           std::to_string(count) + " " + std::string(what));
}

Alert GroupRunner::MakeAlert(const Prepared& rule, const EvaluatedSample& sample,
                             int64_t time_ns) const {
  model::LabelsBuilder series(sample.labels);
  series.Del("__name__");
  const model::Labels seen = series.Build();
  const AlertTemplateData data{.labels = seen,
                               .value = sample.value,
                               .external_url = deps_.external_url,
                               .time_ns = time_ns,
                               .query = [&](const std::string& expr) {
                                 return deps_.evaluator.Evaluate(tenant_, expr, time_ns);
                               }};
  for (const auto& [name, text] : rule.labels) series.Set(name, text.Expand(data));
  series.Set("alertname", rule.rule.alert);
  Alert alert;
  alert.labels = series.Build();
  alert.value = sample.value;
  for (const auto& [name, text] : rule.annotations) {
    alert.annotations.emplace(name, text.Expand(data));
  }
  return alert;
}

Status GroupRunner::RunAlert(Prepared& rule, Samples samples, int64_t time_ns) {
  Status status = CheckLimit(samples.size(), "alerts");
  std::vector<Alert> holding;
  std::set<std::string> labels;
  for (const EvaluatedSample& sample : samples) {
    if (!status.ok()) break;
    holding.push_back(MakeAlert(rule, sample, time_ns));
    if (labels.emplace(holding.back().labels.encoded()).second) continue;
    status = InvalidArgument(
        "vector contains metrics with the same labelset after applying alert labels");
  }
  {
    const MutexLock lock(mutex_);
    if (!status.ok()) {
      rule.tracker.Clear();
      return status;
    }
    rule.tracker.Update(std::move(holding), time_ns);
  }
  SendDue(rule, time_ns);
  return {};
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

Status GroupRunner::RunRecord(const Prepared& rule, Samples samples, int64_t time_ns) {
  SKALD_RETURN_IF_ERROR(CheckLimit(samples.size(), "series"));
  std::vector<RecordedSample> recorded;
  std::set<std::string> seen;
  for (const EvaluatedSample& sample : samples) {
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
  return recorded.empty() ? Status() : deps_.samples.Append(tenant_.value(), std::move(recorded));
}

void GroupRunner::Publish(double seconds, int64_t time_ns) const {
  const MetricLabels labels = {{"user", tenant_.value()},
                               {"rule_group", name_space_ + ";" + group_.name}};
  RuleCounter("group_iterations_total", "Evaluations of groups.", labels).Add();
  SetGauge("group_rules", "Rules of a group.", labels, static_cast<double>(rules_.size()));
  SetGauge("group_interval_seconds", "How often a group is evaluated.", labels,
           static_cast<double>(group_.interval.count()) / 1e9);
  SetGauge("group_last_duration_seconds", "How long a group's last evaluation took.", labels,
           seconds);
  SetGauge("group_last_evaluation_timestamp_seconds", "When a group was last evaluated.", labels,
           static_cast<double>(time_ns / 1'000'000) / 1e3);
  SetGauge("group_last_evaluation_samples", "Series that a group's last evaluation gave.", labels,
           static_cast<double>(last_samples_));
  Metrics::GetHistogram(std::string(kMetric) + "group_duration_seconds", "How long groups took.",
                        DurationBuckets(), {{"user", tenant_.value()}})
      .Observe(seconds);
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

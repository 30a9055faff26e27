#include "ruler/group_metrics.h"

namespace skald::ruler {
namespace {

constexpr char kEvaluations[] = "loki_prometheus_rule_evaluations_total";
constexpr char kFailures[] = "loki_prometheus_rule_evaluation_failures_total";
constexpr char kIterations[] = "loki_prometheus_rule_group_iterations_total";
constexpr char kMissed[] = "loki_prometheus_rule_group_iterations_missed_total";
constexpr char kRules[] = "loki_prometheus_rule_group_rules";
constexpr char kInterval[] = "loki_prometheus_rule_group_interval_seconds";
constexpr char kLastDuration[] = "loki_prometheus_rule_group_last_duration_seconds";
constexpr char kLastEvaluation[] = "loki_prometheus_rule_group_last_evaluation_timestamp_seconds";
constexpr char kLastSamples[] = "loki_prometheus_rule_group_last_evaluation_samples";
constexpr char kRuleDuration[] = "loki_prometheus_rule_evaluation_duration_seconds";
constexpr char kGroupDuration[] = "loki_prometheus_rule_group_duration_seconds";

MetricLabels LabelsOf(const std::string& tenant, const std::string& group, GroupLabel label) {
  if (label == GroupLabel::kLeftOut) return {{"user", tenant}};
  return {{"user", tenant}, {"rule_group", group}};
}

}  // namespace

GroupMetrics::GroupMetrics(const std::string& tenant, const std::string& name_space,
                           const std::string& group, GroupLabel label)
    : labels(LabelsOf(tenant, name_space + ";" + group, label)),
      series(MetricGroup::Get(label == GroupLabel::kLeftOut
                                  ? "rules of " + tenant
                                  : "rules;" + tenant + ";" + name_space + ";" + group)),
      evaluations(series->GetCounter(kEvaluations, "Evaluations of rules.", labels)),
      failures(series->GetCounter(kFailures, "Evaluations of rules that failed.", labels)),
      iterations(series->GetCounter(kIterations, "Evaluations of groups.", labels)),
      missed(series->GetCounter(
          kMissed, "Evaluations of groups left out, as the one before took too long.", labels)),
      rules(series->GetGauge(kRules, "Rules of a group.", labels)),
      last_samples(
          series->GetGauge(kLastSamples, "Series that a group's last evaluation gave.", labels)),
      interval(series->GetGauge(kInterval, "How often a group is evaluated.", labels)),
      last_duration(
          series->GetGauge(kLastDuration, "How long a group's last evaluation took.", labels)),
      last_evaluation(
          series->GetGauge(kLastEvaluation, "When a group was last evaluated.", labels)),
      rule_duration(Summary::Get(kRuleDuration, "How long rules took.", {{"user", tenant}})),
      group_duration(Summary::Get(kGroupDuration, "How long groups took.", {{"user", tenant}})) {}

}  // namespace skald::ruler

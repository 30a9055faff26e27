#include "ruler/alert_maker.h"

#include <set>

namespace skald::ruler {
namespace {

std::vector<std::pair<std::string, AlertTemplate>> Prepare(const Rule& rule, const TextMap& texts) {
  std::vector<std::pair<std::string, AlertTemplate>> templates;
  for (const auto& [name, text] : texts) {
    auto parsed = AlertTemplate::Parse(rule.alert, text);
    if (parsed.ok()) templates.emplace_back(name, *std::move(parsed));
  }
  return templates;
}

}  // namespace

AlertMaker::AlertMaker(const Rule& rule)
    : name_(rule.alert),
      labels_(Prepare(rule, rule.labels)),
      annotations_(Prepare(rule, rule.annotations)) {}

Result<std::vector<Alert>> AlertMaker::Make(const std::vector<EvaluatedSample>& samples,
                                            const Shared& shared) const {
  std::vector<Alert> alerts;
  std::set<std::string> labels;
  for (const EvaluatedSample& sample : samples) {
    alerts.push_back(MakeOne(sample, shared));
    if (labels.emplace(alerts.back().labels.encoded()).second) continue;
    return InvalidArgument(
        "vector contains metrics with the same labelset after applying alert labels");
  }
  return alerts;
}

Alert AlertMaker::MakeOne(const EvaluatedSample& sample, const Shared& shared) const {
  model::LabelsBuilder series(sample.labels);
  series.Del("__name__");
  const model::Labels seen = series.Build();
  const AlertTemplateData data{.labels = seen,
                               .external_labels = shared.external_labels,
                               .value = sample.value,
                               .external_url = shared.external_url,
                               .time_ns = shared.time_ns,
                               .query = shared.query};
  for (const auto& [name, text] : labels_) series.Set(name, text.Expand(data));
  series.Set("alertname", name_);
  Alert alert;
  alert.labels = series.Build();
  alert.value = sample.value;
  for (const auto& [name, text] : annotations_) {
    alert.annotations.emplace(name, text.Expand(data));
  }
  return alert;
}

}  // namespace skald::ruler

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/status.h"
#include "logql/template/template.h"
#include "model/labels.h"
#include "ruler/evaluator.h"

namespace skald::ruler {

// What an alert's templates are expanded with: $labels, $value, $externalLabels, $externalURL.
// Besides what their functions ask for.
struct AlertTemplateData {
  using Query = std::function<Result<std::vector<EvaluatedSample>>(const std::string& expr)>;

  const model::Labels& labels;           // Of the series, before the rule's own are added.
  const model::Labels& external_labels;  // Of all alerts of this server.
  double value = 0;
  std::string_view external_url;
  int64_t time_ns = 0;  // Of the evaluation.
  Query query = {};     // Runs at that time; empty: there is none to ask.
};

// The text of a label or annotation of an alerting rule: Go's template language with the functions
// of Prometheus.
//
// Threads: immutable; any thread may call.
class AlertTemplate {
 public:
  // `alert` is what errors call it. kInvalidArgument: `template: __alert_NAME:1: ...`.
  static Result<AlertTemplate> Parse(std::string_view alert, std::string_view text);

  // A run that fails gives, as Prometheus has it, `<error expanding template: ...>`.
  std::string Expand(const AlertTemplateData& data) const;

  // The labels of the series that it names: $labels.app, .Labels.app.
  std::set<std::string> LabelsUsed() const;

 private:
  explicit AlertTemplate(logql::Template text)
      : template_(std::make_unique<const logql::Template>(std::move(text))) {}

  std::unique_ptr<const logql::Template> template_;
};

}  // namespace skald::ruler

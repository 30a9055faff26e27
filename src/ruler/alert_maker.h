#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/status.h"
#include "model/labels.h"
#include "ruler/alert_template.h"
#include "ruler/alert_tracker.h"
#include "ruler/evaluator.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

// Makes alerts of what an alerting rule's query has answered: its templates, parsed once.
//
// Threads: immutable; any thread may call.
class AlertMaker {
 public:
  // Texts that are no templates are left out: a checked rule has none.
  explicit AlertMaker(const Rule& rule);

  // Of all series of an evaluation.
  struct Shared {
    const model::Labels& external_labels;
    const std::string& external_url;
    int64_t time_ns = 0;
    AlertTemplateData::Query query;
  };
  // The alerts for which the rule holds, each with labels of its own. kInvalidArgument where labels
  // of two are the same.
  Result<std::vector<Alert>> Make(const std::vector<EvaluatedSample>& samples,
                                  const Shared& shared) const;

 private:
  using Templates = std::vector<std::pair<std::string, AlertTemplate>>;

  Alert MakeOne(const EvaluatedSample& sample, const Shared& shared) const;

  const std::string name_;
  const Templates labels_;
  const Templates annotations_;
};

}  // namespace skald::ruler

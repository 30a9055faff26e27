#pragma once

#include <memory>
#include <string>

#include "common/metric_group.h"
#include "common/metrics.h"
#include "common/summary.h"

namespace skald::ruler {

// The series of one rule group, which go when nobody has such a group any more.
//
// Threads: any thread may use the handles.
struct GroupMetrics {
  GroupMetrics(const std::string& tenant, const std::string& name_space, const std::string& group);

  const MetricLabels labels;
  const std::shared_ptr<MetricGroup> series;
  const Counter evaluations;
  const Counter failures;
  const Counter iterations;
  const Counter missed;
  const Gauge rules;
  const Gauge interval;
  const Gauge last_duration;
  const Gauge last_evaluation;
  const Gauge last_samples;
  // Of all groups of the tenant; they stay.
  const Summary rule_duration;
  const Summary group_duration;
};

}  // namespace skald::ruler

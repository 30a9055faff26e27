#pragma once

#include <memory>
#include <string>

#include "common/metric_group.h"
#include "common/metrics.h"
#include "common/summary.h"

namespace skald::ruler {

// Whether the series of a tenant's groups are told apart by the label rule_group, or are one.
enum class GroupLabel { kShown, kLeftOut };

// What a group adds to a gauge that it may have in common with others.
//
// Threads: one caller at a time.
class GaugeShare {
 public:
  explicit GaugeShare(Gauge gauge) : gauge_(gauge) {}
  ~GaugeShare() { Set(0); }
  GaugeShare(const GaugeShare&) = delete;
  GaugeShare& operator=(const GaugeShare&) = delete;

  void Set(double value) {
    gauge_.Add(value - value_);
    value_ = value;
  }

 private:
  Gauge gauge_;
  double value_ = 0;
};

// The series of one rule group, which go when nobody has such a group any more. Without the label
// rule_group they are those of all groups of the tenant: counters and numbers of things are sums,
// times those of the group that was evaluated last.
//
// Threads: any thread may use the handles, one at a time the shares.
struct GroupMetrics {
  GroupMetrics(const std::string& tenant, const std::string& name_space, const std::string& group,
               GroupLabel label);

  const MetricLabels labels;
  const std::shared_ptr<MetricGroup> series;
  const Counter evaluations;
  const Counter failures;
  const Counter iterations;
  const Counter missed;
  GaugeShare rules;
  GaugeShare last_samples;
  const Gauge interval;
  const Gauge last_duration;
  const Gauge last_evaluation;
  // Of all groups of the tenant; they stay.
  const Summary rule_duration;
  const Summary group_duration;
};

}  // namespace skald::ruler

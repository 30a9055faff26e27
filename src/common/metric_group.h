#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/metrics.h"
#include "common/mutex.h"

namespace skald {

// Series that go away with what they are about, where those of Metrics stay as long as the process.
//
// Ownership: handles must not be used once nobody holds the group.
// Threads:   any thread may call.
class MetricGroup {
 public:
  // The group of this name: the same one for all who hold it at a time, so that what takes
  // another's place goes on with its series.
  static std::shared_ptr<MetricGroup> Get(const std::string& name);
  ~MetricGroup();
  MetricGroup(const MetricGroup&) = delete;
  MetricGroup& operator=(const MetricGroup&) = delete;

  // As of Metrics. Requires: no other group, and nobody by Metrics, has these series.
  Counter GetCounter(const std::string& name, const std::string& help, const MetricLabels& labels);
  Gauge GetGauge(const std::string& name, const std::string& help, const MetricLabels& labels);

 private:
  explicit MetricGroup(std::string name) : name_(std::move(name)) {}

  const std::string name_;
  Mutex mutex_;
  // By name and labels: what takes the series away.
  std::map<std::pair<std::string, MetricLabels>, std::function<void()>> removals_
      SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace skald {

using MetricLabels = std::map<std::string, std::string>;

// Handles are cheap to copy, live as long as the process, and may be used from any thread.
class Counter {
 public:
  void Add(double amount = 1) const;
  double value() const;

 private:
  friend class Metrics;
  void* counter_ = nullptr;
};

class Gauge {
 public:
  void Set(double value) const;
  void Add(double amount) const;
  double value() const;

 private:
  friend class Metrics;
  void* gauge_ = nullptr;
};

class Histogram {
 public:
  void Observe(double value) const;
  // Adds as many values to each bucket as `counts` says, the one past the last bound included, with
  // `sum` as their sum.
  void ObserveMany(const std::vector<double>& counts, double sum) const;

 private:
  friend class Metrics;
  void* histogram_ = nullptr;
};

// The registry of the process. Asking twice for the same name and labels gives the same series.
// Requires: a name keeps its type, help and (histograms) buckets.
//
// Threads: any thread may call; asking takes a lock, so keep handles where it is hot.
class Metrics {
 public:
  static Counter GetCounter(const std::string& name, const std::string& help,
                            const MetricLabels& labels = {});
  static Gauge GetGauge(const std::string& name, const std::string& help,
                        const MetricLabels& labels = {});
  static Histogram GetHistogram(const std::string& name, const std::string& help,
                                const std::vector<double>& buckets,
                                const MetricLabels& labels = {});

  // Takes a series away, where a label says what is now another. Its handles must not be used any
  // more.
  static void RemoveGauge(const std::string& name, const std::string& help,
                          const MetricLabels& labels);

  // Called before each Expose, to set gauges that are cheaper to compute than to keep.
  static void OnCollect(std::function<void()> hook);

  // The Prometheus text format, version 0.0.4, with process_* of this process.
  static std::string Expose();
};

}  // namespace skald

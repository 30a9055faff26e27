#pragma once

#include <string>

#include "common/metrics.h"

namespace skald {

// A metric of what half, nine in ten and 99 in 100 of the values of the last ten minutes did not
// exceed. For what Loki exports so: histograms can be added up over processes, these cannot.
//
// Threads: any thread may call; handles are as those of metrics.h.
class Summary {
 public:
  static Summary Get(const std::string& name, const std::string& help,
                     const MetricLabels& labels = {});

  void Observe(double value) const;

 private:
  void* summary_ = nullptr;
};

}  // namespace skald

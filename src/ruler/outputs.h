#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "model/labels.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

// An alert on its way to those who notify people.
struct FiredAlert {
  model::Labels labels;
  TextMap annotations;
  int64_t starts_at_ns = 0;
  int64_t ends_at_ns = 0;  // When it ends unless it is sent again; past if it is resolved.
  std::string expr;        // Of the rule, for a link to what it sees.
};

// A sample that a rule has made; its labels hold __name__. A stale marker ends the series.
struct RecordedSample {
  model::Labels labels;
  int64_t time_ms = 0;
  double value = 0;
};

// Takes the alerts of rules.
//
// Threads: any thread may call.
class AlertSink {
 public:
  virtual ~AlertSink() = default;

  // Never blocks.
  virtual void Send(std::string_view tenant, std::vector<FiredAlert> alerts) = 0;
};

// Takes the samples of recording rules, and the series of alerts: ALERTS, ALERTS_FOR_STATE.
//
// Threads: any thread may call.
class SampleSink {
 public:
  virtual ~SampleSink() = default;

  // When it returns OK the samples will not be lost. Waits for the disk, never for a receiver.
  virtual Status Append(std::string_view tenant, std::vector<RecordedSample> samples) = 0;
};

}  // namespace skald::ruler

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "common/duration.h"
#include "common/limits.h"
#include "model/ids.h"
#include "model/push_batch.h"
#include "patterns/internal_entries.h"

namespace skald::patterns {

// Counts what the streams of tenants with `metric_aggregation_enabled` are pushed, and writes it
// down as entries of streams {__aggregated_metric__="<service_name>"}: one for each stream, level
// and time, whose line is logfmt with count, bytes and the stream's labels. So Logs Drilldown sums
// up hours without reading what was logged in them.
//
// Order:     Add after Stop does nothing. Stop is idempotent; the destructor calls it.
// Ownership: borrows limits, which must outlive it.
// Threads:   any thread may call; `write` is called by the aggregator's own and by Stop's.
// Cost:      one look-up for a run of entries of one level and time; memory for what was counted
//            since it was last written: two batches of 100,000 counts, of all tenants, at most.
//            Entries that would need more are not counted, but in
//            loki_pattern_ingester_unaggregated_entries_total.
class MetricAggregator {
 public:
  struct Options {
    Nanoseconds sample_period = std::chrono::seconds(10);  // Of entries' times: one entry for each.
    Nanoseconds push_period = std::chrono::seconds(30);
  };
  // After an error of `write` that says that it may work later (kUnavailable, kResourceExhausted)
  // the same batch comes again.
  MetricAggregator(const Options& options, const LimitsSource& limits, WriteEntries write);
  ~MetricAggregator();
  MetricAggregator(const MetricAggregator&) = delete;
  MetricAggregator& operator=(const MetricAggregator&) = delete;

  // Counts the batch's entries, whose streams have their labels and fingerprints. What the system
  // has written itself is passed over.
  void Add(const model::TenantId& tenant, const model::PushBatch& batch);

  // Writes what was counted so far, now.
  void Flush();

  // Writes the rest.
  void Stop();

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::patterns

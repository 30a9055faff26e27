#include "chunkstore/compact/table_metrics.h"

#include <string>
#include <vector>

#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

const std::vector<double> kSecondsBounds = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60};

double Seconds(int64_t ns) { return static_cast<double>(ns) * 1e-9; }

const char* StatusLabel(const Status& status) { return status.ok() ? "success" : "failure"; }

const char* ActionLabel(const RetainedDay& day) {
  if (day.expired_chunks == 0) return "none";
  return day.emptied ? "deleted" : "modified";
}

}  // namespace

void CountRetainedDay(const RetainedDay& day) {
  const std::string table = "index_" + std::to_string(day.day);
  if (day.status.ok()) {
    Metrics::GetCounter(
        "loki_boltdb_shipper_retention_marker_table_processed_total",
        "Days of tenants that retention has gone through, by what it did to them.",
        {{"table", table}, {"user_id", day.tenant.value()}, {"action", ActionLabel(day)}})
        .Add();
    // There may be years of days of which nothing goes: a histogram of each would be too much.
    if (day.expired_chunks == 0) return;
    Metrics::GetCounter("loki_boltdb_shipper_retention_marker_count_total",
                        "Chunks that retention has dropped, by the day they are of.",
                        {{"table", table}})
        .Add(static_cast<double>(day.expired_chunks));
  }
  Metrics::GetHistogram("loki_boltdb_shipper_retention_marker_table_processed_duration_seconds",
                        "Seconds that retention took for a day of a tenant of which it dropped "
                        "something.",
                        kSecondsBounds, {{"table", table}, {"status", StatusLabel(day.status)}})
      .Observe(Seconds(day.took_ns));
  // Retention and compaction take turns: no day is ever passed over for the other.
  Metrics::GetGauge("loki_compactor_locked_table_successive_compaction_skips",
                    "Rounds in which a day was not compacted as retention had locked it: none.",
                    {{"table_name", table}})
      .Set(0);
}

void ShowPacksLeaving(const PacksLeaving& leaving) {
  Metrics::GetGauge("loki_boltdb_shipper_retention_sweeper_marker_files_current",
                    "Packs that are to be removed, and have not been yet.")
      .Set(static_cast<double>(leaving.count));
  Metrics::GetGauge("loki_boltdb_shipper_retention_sweeper_marker_file_processing_current_time",
                    "Since when the first of the packs that are to be removed waits for it; 0 if "
                    "none does.")
      .Set(Seconds(leaving.oldest_ns));
}

void CountPackRemoval(const Status& status, int64_t took_ns) {
  Metrics::GetHistogram("loki_boltdb_shipper_retention_sweeper_chunk_deleted_duration_seconds",
                        "Seconds that the removal of a pack took.", kSecondsBounds,
                        {{"status", StatusLabel(status)}})
      .Observe(Seconds(took_ns));
  if (!status.ok()) return;
  Metrics::GetCounter("loki_boltdb_shipper_retention_sweeper_marker_files_deleted_total",
                      "Packs that were removed.")
      .Add();
}

}  // namespace skald::chunkstore

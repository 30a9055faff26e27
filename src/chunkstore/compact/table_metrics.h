#pragma once

#include <cstddef>
#include <cstdint>

#include "chunkstore/index/index_keys.h"
#include "common/status.h"
#include "model/ids.h"

namespace skald::chunkstore {

// What retention has done to a tenant's chunks of one day.
struct RetainedDay {
  const model::TenantId& tenant;
  Period day = 0;
  uint64_t expired_chunks = 0;
  bool emptied = false;  // None is left of the day.
  int64_t took_ns = 0;
  Status status;
};

// Adds it to loki_boltdb_shipper_retention_marker_*.
// Compat: dashboards know days as tables of an index that are marked first, and swept later.
void CountRetainedDay(const RetainedDay& day);

// What of the packs that nothing names any more is still to be removed, for the gauges of
// loki_boltdb_shipper_retention_sweeper_*.
struct PacksLeaving {
  size_t count = 0;
  int64_t oldest_ns = 0;  // When the first of them was forgotten; 0 if there is none.
};
void ShowPacksLeaving(const PacksLeaving& leaving);

// Adds the removal of a pack to the counters of loki_boltdb_shipper_retention_sweeper_*.
void CountPackRemoval(const Status& status, int64_t took_ns);

}  // namespace skald::chunkstore

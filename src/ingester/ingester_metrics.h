#pragma once

#include <string>

#include "common/metrics.h"

namespace skald::ingester {

// Handles of the room's metrics that have no tenant, registered on first use.
//
// Threads: any thread may use them.
struct IngesterMetrics {
  static const IngesterMetrics& Get();

  Gauge streams_labels_bytes;
  Gauge memory_chunks;
  Gauge memory_bytes;
  Gauge stream_bytes;
  Counter chunks_created;
  Counter flush_requests;
  Counter flush_failures;
  Gauge flush_queue_length;
  Gauge shutdown_marker;
  Histogram chunk_size;
  Histogram chunk_entries;
  Histogram chunk_age;
  Histogram chunk_utilization;
  Histogram chunk_bounds_hours;
  Histogram blocks_per_chunk;
  Histogram encode_seconds;
  Histogram compression_ratio;

  Counter wal_records_logged;
  Counter wal_logged_bytes;
  Counter wal_disk_full_failures;
  Counter wal_duplicate_entries;
  Counter wal_recovered_streams;
  Counter wal_recovered_chunks;
  Counter wal_recovered_entries;
  Counter wal_recovered_bytes;
  Gauge wal_bytes_in_use;
  Gauge wal_disk_usage;
  Gauge wal_replay_active;
  Gauge wal_replay_duration;
  Gauge wal_replay_flushing;
  Counter checkpoint_creations;
  Counter checkpoint_deletions;
  Counter checkpoint_deletions_failed;

  // `reason`: full, idle, max_age, forced; memory and wal where a budget asked for the flush.
  static Counter ChunksFlushed(const std::string& reason);
  // `type`: segment_header, frame, torn_tail, item, definition, unknown_stream of what a segment
  // has; read of what the disk does not give; missing, cut, end of what the log as a whole lacks.
  static Counter WalCorruptions(const std::string& type);
};

// Those of one tenant.
//
// Threads: as IngesterMetrics.
struct TenantMetrics {
  explicit TenantMetrics(const std::string& tenant);

  Gauge memory_streams;
  Counter streams_created;
  Counter streams_removed;
  Counter duplicate_bytes;
  Counter chunks_stored;
  Counter chunk_stored_bytes;
  Counter chunks_encoded;
};

}  // namespace skald::ingester

#include "ingester/ingester_metrics.h"

#include <vector>

namespace skald::ingester {
namespace {

std::vector<double> Exponential(double start, double factor, int count) {
  std::vector<double> out;
  for (double bound = start; static_cast<int>(out.size()) < count; bound *= factor) {
    out.push_back(bound);
  }
  return out;
}

IngesterMetrics Register() {
  IngesterMetrics m;
  m.streams_labels_bytes = Metrics::GetGauge("loki_ingester_memory_streams_labels_bytes",
                                             "Bytes of labels of the streams in memory.");
  m.memory_chunks = Metrics::GetGauge("loki_ingester_memory_chunks",
                                      "Blocks of entries in memory, open and sealed.");
  m.memory_bytes = Metrics::GetGauge("skald_ingester_memory_bytes",
                                     "Bytes of entries in memory, as the budget counts them.");
  m.stream_bytes = Metrics::GetGauge("skald_ingester_stream_memory_bytes",
                                     "Bytes of streams in memory, apart from their entries.");
  m.chunks_created =
      Metrics::GetCounter("loki_ingester_chunks_created_total", "Blocks begun in memory.");
  m.flush_requests = Metrics::GetCounter("loki_ingester_chunks_flush_requests_total",
                                         "Streams picked to be flushed.");
  m.flush_failures = Metrics::GetCounter("loki_ingester_chunks_flush_failures_total",
                                         "Writes to the store that failed.");
  m.flush_queue_length =
      Metrics::GetGauge("loki_ingester_flush_queue_length", "Streams picked and not flushed yet.");
  m.shutdown_marker = Metrics::GetGauge("loki_ingester_shutdown_marker",
                                        "1 if the next stop flushes and leaves the ring.");
  m.chunk_size =
      Metrics::GetHistogram("loki_ingester_chunk_size_bytes", "Compressed bytes of stored chunks.",
                            Exponential(20000, 2, 10));
  m.chunk_entries = Metrics::GetHistogram("loki_ingester_chunk_entries", "Entries a stored chunk.",
                                          Exponential(200, 2, 9));
  m.chunk_age = Metrics::GetHistogram("loki_ingester_chunk_age_seconds",
                                      "Time from a chunk's first entry to its flush.",
                                      {60, 300, 600, 1800, 3600, 7200, 14400, 36000, 43200, 57600});
  m.chunk_utilization = Metrics::GetHistogram(
      "loki_ingester_chunk_utilization", "Compressed bytes of stored chunks by the size aimed at.",
      {0, 0.2, 0.4, 0.6, 0.8, 1});
  m.chunk_bounds_hours = Metrics::GetHistogram("loki_ingester_chunk_bounds_hours",
                                               "Hours between a chunk's first and last entry.",
                                               {1, 2, 3, 4, 5, 6, 7, 8});
  m.blocks_per_chunk = Metrics::GetHistogram("loki_ingester_blocks_per_chunk",
                                             "Blocks a stored chunk.", Exponential(1, 2, 8));
  m.encode_seconds =
      Metrics::GetHistogram("loki_ingester_chunk_encode_time_seconds",
                            "Time to compress a sealed block.", Exponential(0.0001, 4, 8));
  m.compression_ratio = Metrics::GetHistogram("loki_ingester_chunk_compression_ratio",
                                              "Raw by compressed bytes of sealed blocks.",
                                              {1, 2, 3, 4, 6, 8, 12, 16, 24, 32});

  m.wal_records_logged = Metrics::GetCounter("loki_ingester_wal_records_logged_total",
                                             "Frames written to the write-ahead log.");
  m.wal_logged_bytes = Metrics::GetCounter("loki_ingester_wal_logged_bytes_total",
                                           "Bytes written to the write-ahead log.");
  m.wal_disk_full_failures =
      Metrics::GetCounter("loki_ingester_wal_disk_full_failures_total",
                          "Pushes refused for want of disk space for the write-ahead log.");
  m.wal_duplicate_entries = Metrics::GetCounter(
      "loki_ingester_wal_duplicate_entries_total",
      "Entries of the write-ahead log that a replay found in the store already.");
  m.wal_recovered_streams = Metrics::GetCounter("loki_ingester_wal_recovered_streams_total",
                                                "Streams that a replay brought back.");
  m.wal_recovered_chunks = Metrics::GetCounter("loki_ingester_wal_recovered_chunks_total",
                                               "Blocks that a replay brought back.");
  m.wal_recovered_entries = Metrics::GetCounter("loki_ingester_wal_recovered_entries_total",
                                                "Entries that a replay brought back.");
  m.wal_recovered_bytes = Metrics::GetCounter("loki_ingester_wal_recovered_bytes_total",
                                              "Bytes of lines that a replay brought back.");
  m.wal_bytes_in_use =
      Metrics::GetGauge("loki_ingester_wal_bytes_in_use", "Size of the write-ahead log.");
  m.wal_disk_usage = Metrics::GetGauge("loki_ingester_wal_disk_usage_percent",
                                       "Share of the write-ahead log's disk in use, 0 to 1.");
  m.wal_replay_active =
      Metrics::GetGauge("loki_ingester_wal_replay_active", "1 while the log is replayed.");
  m.wal_replay_duration = Metrics::GetGauge("loki_ingester_wal_replay_duration_seconds",
                                            "How long the last replay took.");
  m.wal_replay_flushing =
      Metrics::GetGauge("loki_ingester_wal_replay_flushing", "1 while a replay waits for a flush.");
  m.checkpoint_creations = Metrics::GetCounter(
      "loki_ingester_checkpoint_creations_total",
      "Segments of the write-ahead log that were closed, to be removed once they are stored.");
  m.checkpoint_deletions =
      Metrics::GetCounter("loki_ingester_checkpoint_deletions_total",
                          "Segments removed as their entries are all in the store.");
  m.checkpoint_deletions_failed = Metrics::GetCounter(
      "loki_ingester_checkpoint_deletions_failed_total", "Removals of segments that failed.");
  return m;
}

}  // namespace

const IngesterMetrics& IngesterMetrics::Get() {
  static const IngesterMetrics metrics = Register();
  return metrics;
}

Counter IngesterMetrics::ChunksFlushed(const std::string& reason) {
  return Metrics::GetCounter("loki_ingester_chunks_flushed_total", "Chunks stored, by what asked.",
                             {{"reason", reason}});
}

Counter IngesterMetrics::WalCorruptions(const std::string& type) {
  return Metrics::GetCounter("loki_ingester_wal_corruptions_total",
                             "Damage found in the write-ahead log and stepped over.",
                             {{"type", type}});
}

TenantMetrics::TenantMetrics(const std::string& tenant)
    : memory_streams(Metrics::GetGauge("loki_ingester_memory_streams", "Streams in memory.",
                                       {{"tenant", tenant}})),
      streams_created(Metrics::GetCounter("loki_ingester_streams_created_total",
                                          "Streams begun in memory.", {{"tenant", tenant}})),
      streams_removed(Metrics::GetCounter("loki_ingester_streams_removed_total",
                                          "Streams dropped from memory.", {{"tenant", tenant}})),
      duplicate_bytes(Metrics::GetCounter("loki_ingester_duplicate_log_bytes_total",
                                          "Bytes of lines dropped as they equal the stream's last.",
                                          {{"tenant", tenant}})),
      chunks_stored(Metrics::GetCounter("loki_ingester_chunks_stored_total", "Chunks stored.",
                                        {{"tenant", tenant}})),
      chunk_stored_bytes(Metrics::GetCounter("loki_ingester_chunk_stored_bytes_total",
                                             "Compressed bytes of chunks stored.",
                                             {{"tenant", tenant}})),
      chunks_encoded(Metrics::GetCounter("loki_ingester_chunks_encoded_total", "Blocks compressed.",
                                         {{"user", tenant}})) {}

}  // namespace skald::ingester

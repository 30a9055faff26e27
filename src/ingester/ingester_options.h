#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/compress.h"

namespace skald::ingester {

// The write-ahead log's settings.
struct WalOptions {
  bool enabled = true;
  std::string dir = "wal";
  // When a push is acknowledged: after its entries are on stable storage, or when the operating
  // system has them (they survive a crash of the process then, not one of the machine).
  bool sync = true;
  uint64_t segment_bytes = 64 << 20;  // Size at which a segment is closed.
  uint64_t reserve_bytes = 8 << 20;   // Disk space taken ahead of the writes, at a time.
  // Streams whose entries keep segments alive are flushed when the log exceeds this: bounds disk
  // use and the time that a replay takes.
  uint64_t max_bytes = 1 << 30;
  // kNone or kLz4 for what is written at once. Costs about 0.5 CPU seconds a GB of lines that come
  // as JSON and writes a third of the bytes: worth it on a slow disk.
  Codec codec = Codec::kNone;
  // A segment with entries is closed after this time, so that it can be removed.
  std::chrono::nanoseconds checkpoint_duration = std::chrono::minutes(5);
  bool flush_on_shutdown = false;
  // Share of the disk that may be in use before pushes are refused; 0: all of it.
  double disk_full_threshold = 0.9;
};

// What an ingester can be told. Names are those of the configuration's `ingester` section where
// it has them.
struct IngesterOptions {
  WalOptions wal;
  std::string shutdown_marker_path;  // Folder of ShutdownMarker's file; empty: none.

  size_t chunk_block_size = 256 << 10;    // Raw bytes at which a head block is sealed.
  size_t chunk_target_size = 1536 << 10;  // Compressed bytes of a stream that make a full chunk.
  Codec chunk_encoding = Codec::kLz4;
  size_t pack_bytes = 32 << 20;  // Compressed bytes that one write to the store aims at.
  std::chrono::nanoseconds chunk_idle_period = std::chrono::minutes(30);
  std::chrono::nanoseconds max_chunk_age = std::chrono::hours(2);

  // Bytes of entries in memory above which the largest streams are flushed. Above twice as much
  // (the store does not keep up) pushes are refused until there is room. What the streams take
  // themselves is taken off the first bound, down to half.
  size_t memory_bytes = 192 << 20;
  // Bytes that streams may take themselves, whatever their entries. No stream is made above it.
  size_t stream_memory_bytes = 1 << 30;

  std::chrono::nanoseconds flush_check_period = std::chrono::seconds(30);
  size_t concurrent_flushes = 4;  // Packs written at once.
  std::chrono::nanoseconds flush_backoff_min = std::chrono::seconds(10);
  std::chrono::nanoseconds flush_backoff_max = std::chrono::minutes(1);

  size_t max_returned_stream_errors = 10;  // Of a push, for each stream; 0: all.
  size_t max_dropped_streams = 10;  // Streams of which a slow tail is told what it has missed.
  size_t index_shards = 32;         // A power of two.
};

}  // namespace skald::ingester

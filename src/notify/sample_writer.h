#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "common/clock.h"
#include "common/files.h"
#include "common/limits.h"
#include "common/status.h"
#include "notify/remote_write_settings.h"
#include "notify/sample.h"

namespace skald::notify {

// Sends samples of tenants to their receivers by Prometheus' remote write, version 1.0. What is
// appended is on disk until each receiver has taken it: neither a restart nor a receiver that is
// away loses a sample, within max_age and max_bytes. After a crash the request under way is sent
// again, which receivers take for the same samples.
//
// A receiver gets samples in the order in which they were appended, a request at a time. It is
// asked again, with growing pauses or after its Retry-After, while it does not answer or says 429
// or 5xx; what it refuses with another status is logged, counted and not sent again.
//
// Order:     Open finds what an earlier process has left. Stop is idempotent and called by the
//            destructor; what waits then is sent by the next process.
// Ownership: borrows limits, files and clock.
// Threads:   any thread may call. README.md has the order of locks.
// Cost:      Append waits for the disk, never for a receiver. A fixed number of threads send.
// Metrics:   loki_ruler_wal_*.
// Format:    FORMAT.md.
class SampleWriter {
 public:
  struct Options {
    RemoteWriteSettings remote_write;
    size_t threads = 16;  // Receivers that may be sent to at once.
    std::chrono::nanoseconds tick = std::chrono::milliseconds(100);  // Between looks at queues.
    uint64_t segment_bytes = 1 << 20;
  };

  // kInvalidArgument for clients that are wrong; errors of the folder.
  static Result<std::unique_ptr<SampleWriter>> Open(const Options& options,
                                                    const LimitsSource& limits, FileSystem& files,
                                                    const Clock& clock);
  ~SampleWriter();
  SampleWriter(const SampleWriter&) = delete;
  SampleWriter& operator=(const SampleWriter&) = delete;

  // On return the samples are on stable storage, or discarded if the tenant has no receiver. After
  // an error (kResourceExhausted: the disk is full) they may be sent all the same.
  Status Append(std::string_view tenant, std::span<const Sample> samples);

  void Stop();

 private:
  struct Rep;
  explicit SampleWriter(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::notify

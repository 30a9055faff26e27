#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/hash.h"
#include "common/metrics.h"
#include "common/mutex.h"

namespace skald::distributor {

// How long the lines of a push are, for a histogram; costs an addition a line.
//
// Threads: not synchronised; one for each push.
class LineSizes {
 public:
  void Add(size_t bytes) {
    ++counts_[BucketOf(bytes)];
    sum_ += bytes;
  }
  // Adds what was collected to loki_bytes_per_line.
  void Publish() const;

 private:
  // Upper bounds of the buckets but the last: 1, 8, 64 ... 2^18 bytes.
  static constexpr size_t kBounds = 7;
  static size_t BucketOf(size_t bytes);

  std::array<uint64_t, kBounds + 1> counts_{};
  uint64_t sum_ = 0;
};

// A tenant's counters of what it pushes.
//
// Threads: any thread may call.
// Cost:    a handle for each format and policy that the tenant has used.
class PushMetrics {
 public:
  // What a push brought under one policy, of streams that are kept for the same time.
  struct Received {
    std::string_view format;
    std::string_view policy;
    std::string_view retention_hours;  // Of its streams; empty when they are kept for ever.
    bool internal = false;
    uint64_t lines = 0;
    uint64_t bytes = 0;  // Of lines and metadata.
    uint64_t metadata_bytes = 0;
    uint64_t label_bytes = 0;  // Of the labels, once for each line.
  };
  struct Discarded {
    std::string_view format;
    std::string_view policy;
    std::string_view reason;
    std::string_view retention_hours;  // As above.
    uint64_t entries = 0;
    uint64_t bytes = 0;
  };

  // How a push was sent. Each value is one of a few.
  struct Form {
    std::string_view format;
    std::string_view content_type;
    std::string_view content_encoding;
    std::string_view content_version;
  };

  explicit PushMetrics(std::string tenant) : tenant_(std::move(tenant)) {}

  void AddPush(const Form& form);
  void AddReceived(const Received& received);
  void AddDiscarded(const Discarded& discarded);
  void AddTruncated(uint64_t lines, uint64_t bytes);
  void AddSanitized(std::string_view format, uint64_t count);
  // `stage`: before or after validation, "pre-validation" or "post-validation".
  void AddEmptyPush(std::string_view stage);
  // How far the newest entry of a push was behind the clock.
  void AddLag(std::string_view user_agent, std::string_view format, int64_t lag_ms);

 private:
  struct ReceivedCounters {
    Counter lines;
    Counter bytes;
    Counter metadata_bytes;
    Counter expanded_bytes;
  };

  ReceivedCounters CountersOf(const Received& received);

  const std::string tenant_;
  Mutex mutex_;
  StringMap<ReceivedCounters> received_ SKALD_GUARDED_BY(mutex_);
  StringMap<Counter> lag_ SKALD_GUARDED_BY(mutex_);
  StringMap<Counter> pushes_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::distributor

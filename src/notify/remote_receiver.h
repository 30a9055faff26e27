#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/metrics.h"
#include "common/status.h"
#include "notify/peer.h"
#include "notify/remote_write_settings.h"
#include "notify/sample.h"

namespace skald::notify {

// One receiver of a tenant's samples: what is sent to it, and what becomes of it.
//
// Ownership: borrows files and clock.
// Threads:   one caller at a time.
// Cost:      Send blocks.
class RemoteReceiver {
 public:
  struct Options {
    std::string tenant;
    bool add_org_id_header = true;
    std::chrono::nanoseconds max_age{};
  };

  RemoteReceiver(const Options& options, RemoteWriteClient client, FileSystem& files,
                 const Clock& clock);
  RemoteReceiver(const RemoteReceiver&) = delete;
  RemoteReceiver& operator=(const RemoteReceiver&) = delete;

  enum class Outcome {
    kDone,   // Sent, refused for good, or nothing worth sending.
    kAgain,  // To be sent again, after pause().
  };
  // Relabels the samples and sends them in one request.
  Outcome Send(std::vector<Sample> samples, const CancelToken& cancel);

  // After kAgain: how long to wait.
  std::chrono::nanoseconds pause() const { return pause_; }

  void SetPending(uint64_t samples) const { pending_.Set(static_cast<double>(samples)); }
  void CountDropped(uint64_t samples) const { dropped_.Add(static_cast<double>(samples)); }

  const RemoteWriteClient& client() const { return client_; }

 private:
  // Says how many there were.
  size_t RemoveTooOld(std::vector<Sample>& samples) const;
  std::vector<Sample> Relabel(std::vector<Sample> samples) const;
  Outcome Post(const std::vector<Sample>& samples, const CancelToken& cancel);
  void Pause(const Result<net::Response>& answer);

  const Options options_;
  const RemoteWriteClient client_;
  const Clock& clock_;
  Peer peer_;
  const MetricLabels labels_;
  const Counter sent_;
  const Counter failed_;
  const Counter retried_;
  const Counter dropped_;
  const Gauge pending_;
  const Gauge highest_sent_;
  int failures_ = 0;  // In a row.
  std::chrono::nanoseconds pause_{};
};

}  // namespace skald::notify

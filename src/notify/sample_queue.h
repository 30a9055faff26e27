#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/files.h"
#include "common/mutex.h"
#include "common/status.h"
#include "notify/sample.h"

namespace skald::notify {

struct SampleQueueOptions {
  uint64_t segment_bytes = 1 << 20;  // At which a file is closed.
  uint64_t max_bytes = 256 << 20;    // Of all files; above it the oldest go.
  size_t frame_samples = 100;        // Written, and so sent, as one piece.
};

// The samples of one tenant on disk until each of its clients has sent them. A client reads at a
// place of its own, which is stored whenever it moves.
//
// Order:     SetClients before the first Append of a process; per client one caller of
//            (Read Acknowledge?)*.
// Ownership: borrows the file system.
// Threads:   any thread may call. Append holds append_mutex_ over its write, so that samples lie in
//            the order of the calls; the places are stored under store_mutex_. mutex_ is taken
//            inside either, and held over no I/O.
// Cost:      Append waits for the disk.
// Format:    FORMAT.md.
class SampleQueue {
 public:
  using Options = SampleQueueOptions;

  // Between two frames. Places of different segments compare as well.
  struct Place {
    uint64_t segment = 0;
    uint64_t offset = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  // What Read found from a client's place on.
  struct Batch {
    std::vector<Sample> samples;
    Place begin;  // The client's place.
    Place end;    // Behind the samples; equal to begin if nothing is left to read.
  };

  // Finds what is in the folder, which is made if needed. Damage is stepped over and logged.
  static Result<std::unique_ptr<SampleQueue>> Open(const Options& options, std::string folder,
                                                   FileSystem& files);
  ~SampleQueue();
  SampleQueue(const SampleQueue&) = delete;
  SampleQueue& operator=(const SampleQueue&) = delete;

  // Who reads from now on. One that is new begins with what is appended next, or with the oldest
  // sample if the stored places are lost; the places of others are forgotten. Nothing is written if
  // they are those of before.
  Status SetClients(const std::vector<std::string>& clients);

  // On return the samples are on stable storage. After an error they may be sent all the same.
  Status Append(std::span<const Sample> samples);

  // Whole frames of one file from the client's place on: as many as have no more than `count`
  // samples, but one at least. Without samples there is nothing but damage up to its end.
  Result<Batch> Read(const std::string& client, size_t count);

  // The client needs `batch` no more. Without effect if its place is not batch.begin any more.
  Status Acknowledge(const std::string& client, const Batch& batch);

  // Samples that the client has not acknowledged.
  uint64_t Pending(const std::string& client) const;
  // Samples that a client has missed since the last call, for want of space.
  uint64_t TakeDropped(const std::string& client);
  uint64_t bytes() const;

 private:
  struct Segment {
    uint64_t bytes = 0;  // Synced.
    uint64_t samples = 0;
  };
  struct Client {
    Place place;
    uint64_t pending = 0;
    uint64_t behind = 0;  // Samples of place.segment that lie before the place.
    uint64_t dropped = 0;
  };

  SampleQueue(const Options& options, std::string folder, FileSystem& files);

  std::string SegmentPath(uint64_t segment) const;
  Status Recover();
  void RecoverSegment(uint64_t number) SKALD_REQUIRES(mutex_);
  // False if there are none.
  bool RecoverPlaces() SKALD_REQUIRES(mutex_);

  Status BeginSegment() SKALD_REQUIRES(append_mutex_);
  Status WriteFrames(std::span<const Sample> samples) SKALD_REQUIRES(append_mutex_);
  // Deletes segments that no client needs or that there is no space for.
  void RemoveOld() SKALD_EXCLUDES(mutex_);
  std::optional<uint64_t> TakeRemovable() SKALD_REQUIRES(mutex_);
  void MissSegment(uint64_t number, const Segment& segment) SKALD_REQUIRES(mutex_);
  uint64_t BytesLocked() const SKALD_REQUIRES(mutex_);
  Place EndLocked() const SKALD_REQUIRES(mutex_);
  Status StorePlaces() SKALD_REQUIRES(store_mutex_) SKALD_EXCLUDES(mutex_);

  const Options options_;
  const std::string folder_;
  FileSystem& files_;

  Mutex append_mutex_;
  std::unique_ptr<AppendFile> file_ SKALD_GUARDED_BY(append_mutex_);  // Null: begin a new one.

  Mutex store_mutex_;  // For the file of places.

  mutable Mutex mutex_;
  std::map<uint64_t, Segment> segments_ SKALD_GUARDED_BY(mutex_);
  uint64_t last_segment_ SKALD_GUARDED_BY(mutex_) = 0;  // Also if it is gone.
  bool places_lost_ SKALD_GUARDED_BY(mutex_) = false;
  bool clients_unstored_ SKALD_GUARDED_BY(mutex_) = false;
  std::map<std::string, Client> clients_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::notify

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/mutex.h"
#include "model/labels.h"
#include "model/log_batch.h"
#include "rpc/ingester_client.h"

namespace skald::ingester {

// Someone who follows what is pushed: what waits for him, up to a bound, and what was dropped
// beyond it.
//
// Threads: any thread may call; mutex_ guards all that changes. `ready` of the request is called
//          with no lock held.
// Cost:    waiting batches are shared with all who follow the same stream.
class Follower {
 public:
  Follower(rpc::TailRequest request, size_t max_dropped_streams)
      : request_(std::move(request)), max_dropped_streams_(max_dropped_streams) {}
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  bool Wants(std::string_view tenant, const model::Labels& labels) const;
  void CountStream();

  // Adds a batch of one of his streams. Returns whether he is to be woken: Wake must follow then.
  [[nodiscard]] bool Append(const std::shared_ptr<const model::LogBatch>& batch);
  void Wake() const { request_.ready(); }
  // Nothing will come any more. As Append.
  [[nodiscard]] bool End();

  rpc::TailFeed::Taken Take();

  // He has gone: nothing is kept for him from now on.
  void Leave();
  bool gone() const { return gone_.load(std::memory_order_relaxed); }

 private:
  bool NeedsWaking() SKALD_REQUIRES(mutex_);
  void Drop(const model::LogBatch& batch) SKALD_REQUIRES(mutex_);

  const rpc::TailRequest request_;
  const size_t max_dropped_streams_;
  std::atomic<bool> gone_ = false;
  Mutex mutex_;
  rpc::TailFeed::Taken waiting_ SKALD_GUARDED_BY(mutex_);
  size_t waiting_bytes_ SKALD_GUARDED_BY(mutex_) = 0;
  // Of what is dropped and waits.
  std::vector<const model::Labels*> dropped_streams_ SKALD_GUARDED_BY(mutex_);
  bool woken_ SKALD_GUARDED_BY(mutex_) = false;  // Since the last Take.
  size_t streams_ SKALD_GUARDED_BY(mutex_) = 0;
};

using Followers = std::vector<std::shared_ptr<Follower>>;

// Who follows a stream, as far as the stream has looked.
//
// Threads: guarded by whoever keeps it.
struct StreamFollowers {
  uint64_t version = 0;  // Of the table when it was last looked at.
  uint64_t last_id = 0;  // Of the last follower held against the stream's labels.
  Followers followers;
};

// All who follow an ingester's streams.
//
// Ownership: feeds borrow this, and must go first.
// Threads:   any thread may call; mutex_ guards the table, and is taken by the push path only when
//            someone has come or gone.
class Tailers {
 public:
  // `max_dropped_streams`: of so many streams a follower is told at a time what he has missed.
  explicit Tailers(size_t max_dropped_streams) : max_dropped_streams_(max_dropped_streams) {}

  // kUnavailable after EndAll.
  Result<std::unique_ptr<rpc::TailFeed>> Follow(rpc::TailRequest request);
  // Tells all that nothing more will come.
  void EndAll();

  // Whether anyone follows anything: all that a push pays where nobody does.
  bool any() const { return count_.load(std::memory_order_relaxed) != 0; }
  // Brings up to date who follows a stream: newcomers are held against its labels, once each.
  void Update(std::string_view tenant, const model::Labels& labels, StreamFollowers& known);

 private:
  class Feed;
  struct Place {
    uint64_t id = 0;
    std::shared_ptr<Follower> follower;
  };

  void Remove(uint64_t id);

  const size_t max_dropped_streams_;
  std::atomic<size_t> count_ = 0;
  std::atomic<uint64_t> version_ = 0;
  Mutex mutex_;
  bool ended_ SKALD_GUARDED_BY(mutex_) = false;
  uint64_t last_id_ SKALD_GUARDED_BY(mutex_) = 0;
  std::vector<Place> places_ SKALD_GUARDED_BY(mutex_);  // Ascending by id.
};

}  // namespace skald::ingester

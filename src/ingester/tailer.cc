#include "ingester/tailer.h"

#include <algorithm>
#include <utility>

namespace skald::ingester {

bool Follower::Wants(std::string_view tenant, const model::Labels& labels) const {
  return request_.tenant.value() == tenant && model::MatchesAll(request_.matchers, labels);
}

void Follower::CountStream() {
  MutexLock lock(mutex_);
  ++streams_;
}

bool Follower::NeedsWaking() { return !std::exchange(woken_, true); }

bool Follower::Append(const std::shared_ptr<const model::LogBatch>& batch) {
  const size_t bytes = batch->block->MemoryBytes();
  MutexLock lock(mutex_);
  if (gone()) return false;
  // One batch is taken however large it is.
  if (waiting_bytes_ == 0 || waiting_bytes_ + bytes <= request_.max_bytes) {
    waiting_.batches.push_back(batch);
    waiting_bytes_ += bytes;
    return NeedsWaking();
  }
  Drop(*batch);
  return NeedsWaking();
}

void Follower::Drop(const model::LogBatch& batch) {
  if (std::ranges::find(dropped_streams_, batch.stream.get()) == dropped_streams_.end()) {
    if (dropped_streams_.size() >= max_dropped_streams_) return;
    dropped_streams_.push_back(batch.stream.get());
  }
  for (const uint32_t row : batch.selection) {
    if (waiting_.dropped.size() == request_.max_dropped) break;
    waiting_.dropped.push_back({.time_ns = batch.block->times[row], .labels = batch.stream});
  }
}

bool Follower::End() {
  MutexLock lock(mutex_);
  waiting_.ended = true;
  return NeedsWaking();
}

rpc::TailFeed::Taken Follower::Take() {
  MutexLock lock(mutex_);
  woken_ = false;
  waiting_bytes_ = 0;
  dropped_streams_.clear();
  rpc::TailFeed::Taken taken = std::exchange(waiting_, {});
  waiting_.ended = taken.ended;
  taken.streams = streams_;
  return taken;
}

void Follower::Leave() {
  MutexLock lock(mutex_);
  gone_ = true;
  waiting_ = {};
  waiting_bytes_ = 0;
}

// One follower's end of the table.
class Tailers::Feed final : public rpc::TailFeed {
 public:
  Feed(Tailers& tailers, uint64_t id, std::shared_ptr<Follower> follower)
      : tailers_(tailers), id_(id), follower_(std::move(follower)) {}
  ~Feed() override {
    follower_->Leave();
    tailers_.Remove(id_);
  }

  Taken Take() override { return follower_->Take(); }

 private:
  Tailers& tailers_;
  const uint64_t id_;
  const std::shared_ptr<Follower> follower_;
};

Result<std::unique_ptr<rpc::TailFeed>> Tailers::Follow(rpc::TailRequest request) {
  auto follower = std::make_shared<Follower>(std::move(request), max_dropped_streams_);
  MutexLock lock(mutex_);
  if (ended_) return Unavailable("the ingester is stopping");
  const uint64_t id = ++last_id_;
  places_.push_back({.id = id, .follower = follower});
  ++version_;
  ++count_;
  return std::unique_ptr<rpc::TailFeed>(std::make_unique<Feed>(*this, id, std::move(follower)));
}

void Tailers::Remove(uint64_t id) {
  MutexLock lock(mutex_);
  std::erase_if(places_, [id](const Place& place) { return place.id == id; });
  ++version_;
  --count_;
}

void Tailers::EndAll() {
  std::vector<Place> places;
  {
    MutexLock lock(mutex_);
    ended_ = true;
    places = places_;
  }
  for (const Place& place : places) {
    if (place.follower->End()) place.follower->Wake();
  }
}

void Tailers::Update(std::string_view tenant, const model::Labels& labels, StreamFollowers& known) {
  if (known.version == version_.load(std::memory_order_relaxed)) return;
  std::erase_if(known.followers, [](const auto& follower) { return follower->gone(); });
  std::vector<Place> fresh;
  {
    MutexLock lock(mutex_);
    known.version = version_.load(std::memory_order_relaxed);
    const auto first = std::ranges::upper_bound(places_, known.last_id, {}, &Place::id);
    fresh.assign(first, places_.end());
  }
  for (const Place& place : fresh) {
    known.last_id = place.id;
    if (!place.follower->Wants(tenant, labels)) continue;
    place.follower->CountStream();
    known.followers.push_back(place.follower);
  }
}

}  // namespace skald::ingester

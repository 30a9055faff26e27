#include "chunkstore/pack_leases.h"

#include <iterator>
#include <utility>

namespace skald::chunkstore {

PackLeases::PackLeases() : current_(std::make_shared<const Epoch>()) {}

PackLeases::Lease PackLeases::Take() const {
  MutexLock lock(mutex_);
  return current_;
}

void PackLeases::Retire(std::vector<std::string> packs) {
  if (packs.empty()) return;
  MutexLock lock(mutex_);
  retired_.push_back({.readers = current_, .packs = std::move(packs)});
  current_ = std::make_shared<const Epoch>();
}

std::vector<std::string> PackLeases::TakeUnread() {
  MutexLock lock(mutex_);
  std::vector<std::string> packs;
  while (!retired_.empty() && retired_.front().readers.expired()) {
    std::vector<std::string>& unread = retired_.front().packs;
    packs.insert(packs.end(), std::move_iterator(unread.begin()), std::move_iterator(unread.end()));
    retired_.pop_front();
  }
  return packs;
}

size_t PackLeases::retired() const {
  MutexLock lock(mutex_);
  size_t packs = 0;
  for (const Retired& retired : retired_) packs += retired.packs.size();
  return packs;
}

}  // namespace skald::chunkstore

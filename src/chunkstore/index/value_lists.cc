#include "chunkstore/index/value_lists.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace skald::chunkstore {

void ValueLists::Changed() {
  std::list<Entry> forgotten;  // Destroyed after the lock is released.
  MutexLock lock(mutex_);
  changes_.fetch_add(1, std::memory_order_release);
  entries_.swap(forgotten);
  bytes_ = 0;
}

std::optional<TextList> ValueLists::Get(std::string_view key, Moment moment) {
  MutexLock lock(mutex_);
  if (moment != changes_.load(std::memory_order_relaxed)) return std::nullopt;
  const auto entry = std::ranges::find(entries_, key, &Entry::key);
  if (entry == entries_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->list.Share();
}

void ValueLists::Put(std::string_view key, Moment moment, TextList& list) {
  if (list.size() < kMinValues || list.MemoryBytes() > max_bytes_) return;
  TextList kept = list.Share();
  std::list<Entry> dropped;  // Destroyed after the lock is released.
  MutexLock lock(mutex_);
  if (moment != changes_.load(std::memory_order_relaxed)) return;
  if (std::ranges::find(entries_, key, &Entry::key) != entries_.end()) return;
  bytes_ += kept.MemoryBytes();
  entries_.push_front({.key = std::string(key), .list = std::move(kept)});
  while (bytes_ > max_bytes_) {
    bytes_ -= entries_.back().list.MemoryBytes();
    dropped.splice(dropped.begin(), entries_, std::prev(entries_.end()));
  }
}

size_t ValueLists::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace skald::chunkstore

#include "chunkstore/index/value_lists.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/hash.h"

namespace skald::chunkstore {

ValueLists::Moment& ValueLists::ChangeOf(std::string_view key) {
  return changed_[Hash64(key) % kChangeSlots];
}

void ValueLists::Drop(Entries::iterator entry, Entries& dropped) {
  bytes_ -= entry->list->MemoryBytes();
  dropped.splice(dropped.begin(), entries_, entry);
}

void ValueLists::Changed(const std::set<std::string>& keys) {
  if (keys.empty()) return;
  Entries dropped;  // Destroyed after the lock is released.
  MutexLock lock(mutex_);
  const Moment now = changes_.fetch_add(1, std::memory_order_release) + 1;
  for (const std::string& key : keys) {
    ChangeOf(key) = now;
    const auto entry = std::ranges::find(entries_, key, &Entry::key);
    if (entry != entries_.end()) Drop(entry, dropped);
  }
}

void ValueLists::ChangedUnder(std::string_view prefix) {
  Entries dropped;  // Destroyed after the lock is released.
  MutexLock lock(mutex_);
  changed_.fill(changes_.fetch_add(1, std::memory_order_release) + 1);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (entry->key.starts_with(prefix)) Drop(entry, dropped);
    entry = next;
  }
}

std::optional<TextList> ValueLists::Get(std::string_view key, Moment moment) {
  std::shared_ptr<const TextList> kept;
  {
    MutexLock lock(mutex_);
    if (ChangeOf(key) > moment) return std::nullopt;
    const auto entry = std::ranges::find(entries_, key, &Entry::key);
    if (entry == entries_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, entry);
    entry->used = true;
    kept = entry->list;
  }
  return kept->Share();
}

void ValueLists::Put(std::string_view key, Moment moment, TextList& list) {
  if (list.size() < kMinValues) return;
  Entries dropped;  // Destroyed after the lock is released.
  {
    MutexLock lock(mutex_);
    if (!IsNew(key, moment) || !MakeRoom(list.MemoryBytes(), dropped)) return;
  }
  list.Close();
  auto kept = std::make_shared<const TextList>(list.Share());
  MutexLock lock(mutex_);
  // Meanwhile it may have changed, or another have taken the room.
  if (!IsNew(key, moment) || kept->MemoryBytes() > max_bytes_ - bytes_) return;
  bytes_ += kept->MemoryBytes();
  entries_.push_front({.key = std::string(key), .list = std::move(kept)});
}

bool ValueLists::IsNew(std::string_view key, Moment moment) {
  return ChangeOf(key) <= moment && std::ranges::find(entries_, key, &Entry::key) == entries_.end();
}

bool ValueLists::MakeRoom(size_t bytes, Entries& dropped) {
  if (bytes > max_bytes_) return false;
  size_t in_use = 0;
  for (const Entry& entry : entries_) in_use += entry.used ? entry.list->MemoryBytes() : 0;
  if (bytes > max_bytes_ - in_use) {
    for (Entry& entry : entries_) entry.used = false;
    return false;
  }
  for (auto entry = entries_.end(); bytes > max_bytes_ - bytes_;) {
    --entry;
    if (entry->used) continue;
    const auto unused = entry++;
    Drop(unused, dropped);
  }
  return true;
}

size_t ValueLists::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace skald::chunkstore

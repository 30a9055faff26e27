#include "chunkstore/index/value_lists.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/hash.h"

namespace skald::chunkstore {

ValueLists::~ValueLists() {
  if (budget_ != nullptr) budget_->Return(bytes());
}

ValueLists::Moment& ValueLists::ChangeOf(std::string_view key) {
  return changed_[Hash64(key) % kChangeSlots];
}

void ValueLists::Drop(Entries::iterator entry, Entries& dropped) {
  Return(entry->list->MemoryBytes());
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
  const size_t taken = list.MemoryBytes();
  {
    MutexLock lock(mutex_);
    if (!IsNew(key, moment) || !MakeRoom(taken, dropped)) return;
  }
  list.Close();
  auto kept = std::make_shared<const TextList>(list.Share());
  MutexLock lock(mutex_);
  // Meanwhile it may have changed, or another have put it.
  if (!IsNew(key, moment)) return Return(taken);
  Return(taken - kept->MemoryBytes());  // Room for more texts is not copied.
  entries_.push_front({.key = std::string(key), .list = std::move(kept)});
}

size_t ValueLists::Shrink(size_t bytes) {
  Entries dropped;  // Destroyed after the lock is released.
  MutexLock lock(mutex_);
  const size_t before = bytes_;
  while (before - bytes_ < bytes && !entries_.empty()) Drop(std::prev(entries_.end()), dropped);
  return before - bytes_;
}

bool ValueLists::IsNew(std::string_view key, Moment moment) {
  return ChangeOf(key) <= moment && std::ranges::find(entries_, key, &Entry::key) == entries_.end();
}

bool ValueLists::MakeRoom(size_t bytes, Entries& dropped) {
  if (bytes > max_bytes_) return false;
  size_t unused = 0;
  for (const Entry& entry : entries_) unused += entry.used ? 0 : entry.list->MemoryBytes();
  bool taken = false;
  // Else they would be dropped in vain. What others take or return meanwhile is not seen.
  if (const size_t spare = Spare(); bytes <= spare || bytes - spare <= unused) {
    auto entry = entries_.end();
    while (!(taken = Take(bytes)) && entry != entries_.begin()) {
      --entry;
      if (!entry->used) Drop(entry++, dropped);
    }
  }
  for (Entry& entry : entries_) entry.used = entry.used && taken;
  return taken;
}

size_t ValueLists::Spare() const {
  const size_t own = max_bytes_ - bytes_;
  return budget_ != nullptr ? std::min<uint64_t>(own, budget_->Spare()) : own;
}

bool ValueLists::Take(size_t bytes) {
  if (bytes > max_bytes_ - bytes_) return false;
  if (budget_ != nullptr && !budget_->TakeSpare(bytes)) return false;
  bytes_ += bytes;
  return true;
}

void ValueLists::Return(size_t bytes) {
  bytes_ -= bytes;
  if (budget_ != nullptr) budget_->Return(bytes);
}

size_t ValueLists::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace skald::chunkstore

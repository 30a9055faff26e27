#include "chunkstore/index/value_lists.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/hash.h"

namespace skald::chunkstore {
namespace {

std::shared_ptr<const TextList> CopyOf(const std::vector<std::string_view>& values) {
  size_t bytes = 0;
  for (const std::string_view value : values) bytes += value.size();
  auto list = std::make_shared<TextList>();
  list->ReserveMore(values.size(), bytes);
  for (const std::string_view value : values) list->Add(value);
  list->Close();
  return list;
}

}  // namespace

size_t ValueLists::Entry::Bytes() const {
  size_t bytes = list->MemoryBytes();
  for (const Arrival& arrival : arrivals) bytes += arrival.values->MemoryBytes();
  return bytes;
}

size_t ValueLists::Entry::Room() const {
  if (changes >= kMaxChanges) return 0;
  size_t room = list->size() / kKeptPerNew;
  for (const Arrival& arrival : arrivals) room -= arrival.values->size();
  return room;
}

ValueLists::~ValueLists() {
  if (budget_ != nullptr) budget_->Return(bytes());
}

ValueLists::Moment& ValueLists::ChangeOf(std::string_view key) {
  return changed_[Hash64(key) % kChangeSlots];
}

void ValueLists::Drop(Entries::iterator entry, Entries& dropped) {
  Return(entry->Bytes());
  dropped.splice(dropped.begin(), entries_, entry);
}

ValueLists::Entries::iterator ValueLists::Find(std::string_view key) {
  return std::ranges::find(entries_, key, &Entry::key);
}

StringMap<std::shared_ptr<const TextList>> ValueLists::CopyNew(const std::set<std::string>& keys,
                                                               const ValuesOf& came) {
  std::vector<std::pair<std::string, size_t>> kept;
  {
    MutexLock lock(mutex_);
    for (const Entry& entry : entries_) {
      const size_t room = keys.contains(entry.key) ? entry.Room() : 0;
      if (room > 0) kept.emplace_back(entry.key, room);
    }
  }
  StringMap<std::shared_ptr<const TextList>> copies;
  for (auto& [key, room] : kept) {
    const std::vector<std::string_view> values = came(key);
    if (values.size() <= room) copies.emplace(std::move(key), CopyOf(values));
  }
  return copies;
}

bool ValueLists::TakeIn(Entry& entry, Arrival arrival) {
  if (arrival.values->size() > entry.Room() || !Take(arrival.values->MemoryBytes())) return false;
  entry.arrivals.push_back(std::move(arrival));
  ++entry.changes;
  return true;
}

void ValueLists::Changed(const std::set<std::string>& keys, const ValuesOf& came) {
  if (keys.empty()) return;
  const auto copies = CopyNew(keys, came);
  Entries dropped;  // Destroyed after the lock is released.
  MutexLock lock(mutex_);
  const Moment now = changes_.fetch_add(1, std::memory_order_release) + 1;
  for (const std::string& key : keys) {
    ChangeOf(key) = now;
    const auto entry = Find(key);
    if (entry == entries_.end()) continue;
    const auto copy = copies.find(key);  // None as well if the list was put just now.
    const bool taken = copy != copies.end() && TakeIn(*entry, {.at = now, .values = copy->second});
    if (!taken) Drop(entry, dropped);
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

Result<std::optional<TextList>> ValueLists::Get(std::string_view key, Moment moment,
                                                const CancelToken& cancel, Executor* workers) {
  std::shared_ptr<const TextList> list;
  Arrivals arrivals;
  {
    MutexLock lock(mutex_);
    const auto entry = Find(key);
    if (entry == entries_.end() || entry->at > moment) return std::optional<TextList>();
    entries_.splice(entries_.begin(), entries_, entry);
    entry->used = true;
    list = entry->list;
    const auto later = std::ranges::upper_bound(entry->arrivals, moment, {}, &Arrival::at);
    arrivals.assign(entry->arrivals.begin(), later);
  }
  if (arrivals.empty()) return std::optional(list->Share());
  TextList values;
  for (const Arrival& arrival : arrivals) values.Append(arrival.values->Share());
  SKALD_RETURN_IF_ERROR(values.SortUnique(cancel, workers));
  SKALD_ASSIGN_OR_RETURN(TextList united, list->United(std::move(values), cancel, workers));
  Replace(key, list.get(), arrivals, united);
  return std::optional(std::move(united));
}

void ValueLists::Replace(std::string_view key, const TextList* list, const Arrivals& arrivals,
                         TextList& united) {
  {
    MutexLock lock(mutex_);
    const auto entry = Find(key);
    if (entry == entries_.end() || entry->list.get() != list) return;
  }
  united.Close();
  auto whole = std::make_shared<const TextList>(united.Share());
  MutexLock lock(mutex_);
  const auto entry = Find(key);
  // Meanwhile it may have been dropped, or another have replaced it. What has come is behind.
  if (entry == entries_.end() || entry->list.get() != list) return;
  size_t before = list->MemoryBytes();
  for (const Arrival& arrival : arrivals) before += arrival.values->MemoryBytes();
  const size_t after = whole->MemoryBytes();
  SKALD_DCHECK(after <= before);  // Texts are taken over or copied, and places have no room left.
  Return(before - after);
  entry->list = std::move(whole);
  entry->at = arrivals.back().at;
  entry->arrivals.erase(entry->arrivals.begin(),
                        entry->arrivals.begin() + static_cast<ptrdiff_t>(arrivals.size()));
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
  entries_.push_front(
      {.key = std::string(key), .list = std::move(kept), .at = ChangeOf(key), .arrivals = {}});
}

size_t ValueLists::Shrink(size_t bytes) {
  Entries dropped;  // Destroyed after the lock is released.
  MutexLock lock(mutex_);
  const size_t before = bytes_;
  while (before - bytes_ < bytes && !entries_.empty()) Drop(std::prev(entries_.end()), dropped);
  return before - bytes_;
}

bool ValueLists::IsNew(std::string_view key, Moment moment) {
  return ChangeOf(key) <= moment && Find(key) == entries_.end();
}

bool ValueLists::MakeRoom(size_t bytes, Entries& dropped) {
  if (bytes > max_bytes_) return false;
  size_t unused = 0;
  for (const Entry& entry : entries_) unused += entry.used ? 0 : entry.Bytes();
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

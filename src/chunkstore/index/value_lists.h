#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/memory_budget.h"
#include "common/mutex.h"
#include "common/text_list.h"

namespace skald::chunkstore {

// Long lists of values as they were read from the index, until one of their values comes or goes:
// to walk a million keys takes several times as long as all else that is done to list them.
//
// Order:     who reads takes At() before the snapshot; who writes calls Changed() after the write
//            and before it tells anyone. What is written and not told yet a list may have or not.
// Ownership: borrows the budget.
// Threads:   any thread may call. mutex_ is held for look-ups only, and while the budget is asked
//            for spare bytes, which may lock in turn what the process counts its memory by; places
//            are copied outside.
// Cost:      at most `max_bytes`, taken of a budget that others draw on, too. A list that was used
//            is spared once when another does not fit, so that lists asked for in turns, too many
//            to be kept, do not throw out each other.
class ValueLists {
 public:
  // Fewer values are read as fast as they are looked up.
  static constexpr size_t kMinValues = 32768;

  // `budget` may be null.
  explicit ValueLists(size_t max_bytes, MemoryBudget* budget = nullptr)
      : max_bytes_(max_bytes), budget_(budget) {}
  ~ValueLists();
  ValueLists(const ValueLists&) = delete;
  ValueLists& operator=(const ValueLists&) = delete;

  // A moment between two changes.
  using Moment = uint64_t;
  Moment At() const { return changes_.load(std::memory_order_acquire); }
  // Forgets the lists by these keys.
  void Changed(const std::set<std::string>& keys) SKALD_EXCLUDES(mutex_);
  // Forgets those whose keys begin so: all, if it is empty.
  void ChangedUnder(std::string_view prefix) SKALD_EXCLUDES(mutex_);

  // The list by that key, if one is kept and it has not changed since `moment`.
  std::optional<TextList> Get(std::string_view key, Moment moment) SKALD_EXCLUDES(mutex_);
  // Keeps what was read by a snapshot that is not older than `moment`, if there is room and it has
  // not changed since; what is not kept is not copied. Shares the texts of `list`.
  void Put(std::string_view key, Moment moment, TextList& list) SKALD_EXCLUDES(mutex_);

  // Drops what was used longest ago, `bytes` of it or all there is; returns how much.
  size_t Shrink(size_t bytes) SKALD_EXCLUDES(mutex_);

  size_t bytes() const SKALD_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const TextList> list;
    bool used = true;  // Since another list did not fit.
  };
  using Entries = std::list<Entry>;

  Moment& ChangeOf(std::string_view key) SKALD_REQUIRES(mutex_);
  // Whether a list by that key, read since `moment`, may be put.
  bool IsNew(std::string_view key, Moment moment) SKALD_REQUIRES(mutex_);
  // Takes so many bytes, if there is room or lists that were not used make it: these are moved to
  // `dropped`, and stay if all of them are not enough.
  bool MakeRoom(size_t bytes, Entries& dropped) SKALD_REQUIRES(mutex_);
  size_t Spare() const SKALD_REQUIRES(mutex_);  // What Take would take now.
  bool Take(size_t bytes) SKALD_REQUIRES(mutex_);
  void Return(size_t bytes) SKALD_REQUIRES(mutex_);
  void Drop(Entries::iterator entry, Entries& dropped) SKALD_REQUIRES(mutex_);

  // Keys share these by hash: that one of them changed may keep another's list from being put.
  static constexpr size_t kChangeSlots = 256;

  const size_t max_bytes_;
  MemoryBudget* const budget_;
  std::atomic<Moment> changes_ = 0;

  mutable Mutex mutex_;
  Entries entries_ SKALD_GUARDED_BY(mutex_);   // What was used last is first.
  size_t bytes_ SKALD_GUARDED_BY(mutex_) = 0;  // Of entries, and of lists being copied.
  std::array<Moment, kChangeSlots> changed_ SKALD_GUARDED_BY(mutex_) = {};  // At which last.
};

// Lists for who reads by a snapshot, and a moment before it.
struct KnownValues {
  ValueLists* lists = nullptr;  // Null: none are kept.
  ValueLists::Moment at = 0;
};

}  // namespace skald::chunkstore

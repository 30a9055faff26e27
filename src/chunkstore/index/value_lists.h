#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/mutex.h"
#include "common/text_list.h"

namespace skald::chunkstore {

// Long lists of values as they were read from the index, until a value comes or goes: to walk a
// million keys takes several times as long as all else that is done to list them.
//
// Order:   who reads takes At() before the snapshot; who writes calls Changed() after the write and
//          before it tells anyone.
// Threads: any thread may call. mutex_ is held for look-ups only.
// Cost:    at most `max_bytes`; what was used last is kept.
class ValueLists {
 public:
  // Fewer values are read as fast as they are looked up.
  static constexpr size_t kMinValues = 32768;

  explicit ValueLists(size_t max_bytes) : max_bytes_(max_bytes) {}
  ValueLists(const ValueLists&) = delete;
  ValueLists& operator=(const ValueLists&) = delete;

  // A moment between two changes.
  using Moment = uint64_t;
  Moment At() const { return changes_.load(std::memory_order_acquire); }
  // Forgets all lists.
  void Changed() SKALD_EXCLUDES(mutex_);

  // The list by that key, if one was put since the last change, and that was before `moment`.
  std::optional<TextList> Get(std::string_view key, Moment moment) SKALD_EXCLUDES(mutex_);
  // Keeps what was read by a snapshot that is not older than `moment`. Shares the texts of `list`.
  void Put(std::string_view key, Moment moment, TextList& list) SKALD_EXCLUDES(mutex_);

  size_t bytes() const SKALD_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::string key;
    TextList list;
  };

  const size_t max_bytes_;
  std::atomic<Moment> changes_ = 0;

  mutable Mutex mutex_;
  std::list<Entry> entries_ SKALD_GUARDED_BY(mutex_);  // What was used last is first.
  size_t bytes_ SKALD_GUARDED_BY(mutex_) = 0;
};

// Lists for who reads by a snapshot, and a moment before it.
struct KnownValues {
  ValueLists* lists = nullptr;  // Null: none are kept.
  ValueLists::Moment at = 0;
};

}  // namespace skald::chunkstore

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/hash.h"
#include "common/memory_budget.h"
#include "common/mutex.h"
#include "common/status.h"
#include "common/text_list.h"

namespace skald::chunkstore {

// Long lists of values as they were read from the index, and what came to them since: to walk a
// million keys takes several times as long as all else that is done to list them. New values are
// kept beside their list until it is asked for, and become part of it then. A list is forgotten
// when some of its values go, or so many come, or so often, that it is as well read anew.
//
// Order:     who reads takes At() before the snapshot; who writes calls Changed() or ChangedUnder()
//            after the write and before it tells anyone. A list that is given out has what was told
//            before its moment, but for what has gone; what is not told by then it may have or not.
//            One writer at a time, from its write to that call: what goes may not be taken in
//            later.
// Ownership: borrows the budget.
// Threads:   any thread may call. mutex_ is held for look-ups only, and while the budget is asked
//            for spare bytes, which may lock in turn what the process counts its memory by; texts
//            and places are copied, sorted and united outside. So of several who ask for a list
//            with new values at once, each unites it; what the first has is kept.
// Cost:      at most `max_bytes`, taken of a budget that others draw on, too. A list that was used
//            is spared once when another does not fit, so that lists asked for in turns, too many
//            to be kept, do not throw out each other. New values that do not fit make room for
//            themselves: their list is forgotten. Beyond that, new values while they are copied.
class ValueLists {
 public:
  // Fewer values are read as fast as they are looked up.
  static constexpr size_t kMinValues = 32768;
  // A list has at least so many values for each new one that is kept beside it: to sort and unite
  // half as many takes about as long as to read all from the index.
  static constexpr size_t kKeptPerNew = 2;
  // Changes for which a list is kept: each leaves it a block, however small.
  static constexpr size_t kMaxChanges = 256;

  // `budget` may be null.
  explicit ValueLists(size_t max_bytes, MemoryBudget* budget = nullptr)
      : max_bytes_(max_bytes), budget_(budget) {}
  ~ValueLists();
  ValueLists(const ValueLists&) = delete;
  ValueLists& operator=(const ValueLists&) = delete;

  // A moment between two changes.
  using Moment = uint64_t;
  Moment At() const { return changes_.load(std::memory_order_acquire); }
  // Values came to the lists by these keys. `came` gives those of one, in no order, also such as
  // the list has already; it is asked for lists that are kept only, and outside of the mutex.
  using ValuesOf = std::function<std::vector<std::string_view>(std::string_view key)>;
  void Changed(const std::set<std::string>& keys, const ValuesOf& came) SKALD_EXCLUDES(mutex_);
  // Values went, or it is not known which: forgets the lists whose keys begin so; all, if it is
  // empty.
  void ChangedUnder(std::string_view prefix) SKALD_EXCLUDES(mutex_);

  // The list by that key, with what came to it up to `moment`; nothing if none is kept, or only
  // with what came later. The error of `cancel`. With `workers` some of their threads help.
  Result<std::optional<TextList>> Get(std::string_view key, Moment moment,
                                      const CancelToken& cancel = CancelToken(),
                                      Executor* workers = nullptr) SKALD_EXCLUDES(mutex_);
  // Keeps what was read by a snapshot that is not older than `moment`, if there is room and no
  // change since, of which it might lack something; what is not kept is not copied. Shares the
  // texts of `list`. Requires: it is ascending, each value once.
  void Put(std::string_view key, Moment moment, TextList& list) SKALD_EXCLUDES(mutex_);

  // Drops what was used longest ago, `bytes` of it or all there is; returns how much.
  size_t Shrink(size_t bytes) SKALD_EXCLUDES(mutex_);

  size_t bytes() const SKALD_EXCLUDES(mutex_);

 private:
  // What came by one change.
  struct Arrival {
    Moment at = 0;
    std::shared_ptr<const TextList> values;  // In no order.
  };
  using Arrivals = std::vector<Arrival>;
  struct Entry {
    std::string key;
    std::shared_ptr<const TextList> list;
    Moment at = 0;       // Of the last change that the list has whole.
    Arrivals arrivals;   // What came since, by moments.
    size_t changes = 0;  // Since it was read.
    bool used = true;    // Since another list did not fit.

    size_t Bytes() const;
    size_t Room() const;  // For how many new values.
  };
  using Entries = std::list<Entry>;

  Entries::iterator Find(std::string_view key) SKALD_REQUIRES(mutex_);
  // What came, by key, where a list is kept that takes so many.
  StringMap<std::shared_ptr<const TextList>> CopyNew(const std::set<std::string>& keys,
                                                     const ValuesOf& came) SKALD_EXCLUDES(mutex_);
  // Whether it is in now.
  bool TakeIn(Entry& entry, Arrival arrival) SKALD_REQUIRES(mutex_);
  // Keeps `united` in place of the list and the arrivals that it is made of, if they are still
  // kept.
  void Replace(std::string_view key, const TextList* list, const Arrivals& arrivals,
               TextList& united) SKALD_EXCLUDES(mutex_);
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

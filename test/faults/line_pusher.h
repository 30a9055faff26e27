#pragma once

#include <cstdint>
#include <set>

#include "common/status.h"
#include "faults/store_lines.h"
#include "faults/whole_store.h"

namespace skald::test {

// Pushes lines to a store, each number once, and knows which it has to have.
//
// Threads: one caller.
class LinePusher {
 public:
  explicit LinePusher(const StoreShape& shape) : lines_a_push_(shape.lines_a_push) {}

  // The next lines in each stream. After an error they are not pushed again.
  Status Push(WholeStore& store) {
    const int64_t first = last_ + 1;
    last_ += lines_a_push_;
    SKALD_RETURN_IF_ERROR(store.Push(first));
    for (int64_t number = first; number <= last_; ++number) {
      for (int stream = 0; stream < WholeStore::kStreams; ++stream) {
        acknowledged_.insert({stream, number});
      }
    }
    return {};
  }
  // The same so many times, up to the first error.
  Status Push(WholeStore& store, int pushes) {
    for (; pushes > 0; --pushes) SKALD_RETURN_IF_ERROR(Push(store));
    return {};
  }

  const std::set<StoreLine>& acknowledged() const { return acknowledged_; }
  // The highest number that was pushed, whatever came of it; 0: none was.
  int64_t last() const { return last_; }

 private:
  const int64_t lines_a_push_;
  int64_t last_ = 0;
  std::set<StoreLine> acknowledged_;
};

}  // namespace skald::test

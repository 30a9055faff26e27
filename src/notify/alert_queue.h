#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <vector>

#include "common/hash.h"
#include "notify/alert.h"

namespace skald::notify {

// The alerts that one server is still to be told. Of each alert only the latest state is kept, in
// the place of the first that waits: a server that was away is told what is, not what was.
//
// Threads: not synchronised.
// Cost:    at most `capacity` alerts.
class AlertQueue {
 public:
  explicit AlertQueue(size_t capacity) : capacity_(capacity) {}

  // Returns how many alerts, oldest first, had to go to keep within the capacity.
  size_t Push(std::span<const Alert> alerts);

  // Removes and returns the next, at most `count`.
  std::vector<Alert> Take(size_t count);

  // Puts what Take returned back to the front, but for alerts of which there is a later state.
  // Returns as Push does.
  size_t PutBack(std::vector<Alert> alerts);

  // Drops states evaluated before that time. Returns their number.
  size_t DropOlderThan(int64_t time_ns);

  size_t size() const { return alerts_.size(); }
  bool empty() const { return alerts_.empty(); }

 private:
  using Position = std::list<Alert>::iterator;

  Position Remove(Position position);
  size_t DropToCapacity();

  const size_t capacity_;
  std::list<Alert> alerts_;
  StringMap<Position> by_labels_;  // By Labels::encoded().
};

}  // namespace skald::notify

#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace skald {

// What waits, by who owns it: owners take turns, so that one with a thousand items delays itself.
//
// Threads: not synchronised.
// Cost:    nothing is held of an owner without items.
template <typename T>
class TurnQueue {
 public:
  // Behind the owner's other items.
  void Push(const std::string& owner, T item) { waiting_[owner].push_back(std::move(item)); }
  // Before them.
  void PushNext(const std::string& owner, T item) { waiting_[owner].push_front(std::move(item)); }

  bool empty() const { return waiting_.empty(); }
  // How many items of the owner wait.
  size_t Waiting(const std::string& owner) const {
    const auto queue = waiting_.find(owner);
    return queue == waiting_.end() ? 0 : queue->second.size();
  }

  // Takes the first item of the owner behind the one whose turn was the last. Requires: not empty.
  std::pair<std::string, T> Pop() {
    auto turn = waiting_.upper_bound(last_);
    if (turn == waiting_.end()) turn = waiting_.begin();
    last_ = turn->first;
    T item = std::move(turn->second.front());
    turn->second.pop_front();
    if (turn->second.empty()) waiting_.erase(turn);
    return {last_, std::move(item)};
  }

 private:
  std::map<std::string, std::deque<T>> waiting_;  // None of them is empty.
  std::string last_;                              // Whose turn was the last.
};

}  // namespace skald

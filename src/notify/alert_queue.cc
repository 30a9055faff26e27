#include "notify/alert_queue.h"

#include <iterator>
#include <utility>

namespace skald::notify {

size_t AlertQueue::Push(std::span<const Alert> alerts) {
  for (const Alert& alert : alerts) {
    const auto known = by_labels_.find(alert.labels.encoded());
    if (known == by_labels_.end()) {
      alerts_.push_back(alert);
      by_labels_.emplace(alert.labels.encoded(), std::prev(alerts_.end()));
    } else if (known->second->updated_at <= alert.updated_at) {
      *known->second = alert;
    }
  }
  return DropToCapacity();
}

std::vector<Alert> AlertQueue::Take(size_t count) {
  std::vector<Alert> taken;
  while (!alerts_.empty() && taken.size() < count) {
    by_labels_.erase(alerts_.front().labels.encoded());
    taken.push_back(std::move(alerts_.front()));
    alerts_.pop_front();
  }
  return taken;
}

size_t AlertQueue::PutBack(std::vector<Alert> alerts) {
  const Position front = alerts_.begin();
  for (Alert& alert : alerts) {
    if (by_labels_.find(alert.labels.encoded()) != by_labels_.end()) continue;
    const Position position = alerts_.insert(front, std::move(alert));
    by_labels_.emplace(position->labels.encoded(), position);
  }
  return DropToCapacity();
}

size_t AlertQueue::DropOlderThan(int64_t time_ns) {
  const size_t before = size();
  for (Position position = alerts_.begin(); position != alerts_.end();) {
    position = position->updated_at < time_ns ? Remove(position) : std::next(position);
  }
  return before - size();
}

AlertQueue::Position AlertQueue::Remove(Position position) {
  by_labels_.erase(position->labels.encoded());
  return alerts_.erase(position);
}

size_t AlertQueue::DropToCapacity() {
  size_t dropped = 0;
  for (; size() > capacity_; ++dropped) Remove(alerts_.begin());
  return dropped;
}

}  // namespace skald::notify

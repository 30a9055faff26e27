#include "querier/tail_queue.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>

#include "common/bytes.h"

namespace skald::querier {
namespace {

constexpr int64_t kAtOnce = std::numeric_limits<int64_t>::min();
constexpr size_t kEntryBytes = 128;  // Of an entry besides its texts.

size_t BytesOf(const logql::FoundEntry& entry) {
  return kEntryBytes + entry.line.size() + entry.labels.encoded().size() +
         entry.structured_metadata.encoded().size() + entry.parsed.encoded().size();
}

// Everything that an entry has, as one text.
std::string KeyOf(const logql::FoundEntry& entry) {
  std::string key;
  PutFixed64(key, static_cast<uint64_t>(entry.time_ns));
  for (const std::string_view part :
       {std::string_view(entry.line), std::string_view(entry.labels.encoded()),
        std::string_view(entry.structured_metadata.encoded()),
        std::string_view(entry.parsed.encoded())}) {
    PutFixed64(key, part.size());
    key.append(part);
  }
  return key;
}

}  // namespace

void TailQueue::AddBacklog(std::vector<logql::FoundEntry> entries) {
  for (const logql::FoundEntry& entry : entries) {
    ++backlog_[KeyOf(entry)];
  }
  Append(entries, kAtOnce);
}

void TailQueue::AddLive(std::vector<logql::FoundEntry> entries, int64_t now_ns) {
  if (!backlog_.empty()) {
    std::erase_if(entries, [&](const logql::FoundEntry& entry) { return TakeFromBacklog(entry); });
  }
  if (waiting_bytes_ < options_.max_bytes) {
    return Append(entries, now_ns);
  }
  for (const logql::FoundEntry& entry : entries) {
    DropEntry(entry);
  }
}

bool TailQueue::TakeFromBacklog(const logql::FoundEntry& entry) {
  const auto it = backlog_.find(KeyOf(entry));
  if (it == backlog_.end()) {
    return false;
  }
  if (--it->second == 0) {
    backlog_.erase(it);
  }
  return true;
}

void TailQueue::Append(std::vector<logql::FoundEntry>& entries, int64_t came_ns) {
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  const auto middle = static_cast<std::ptrdiff_t>(waiting_.size());
  for (logql::FoundEntry& entry : entries) {
    waiting_bytes_ += BytesOf(entry);
    const int64_t due_ns = came_ns == kAtOnce || options_.delay_ns == 0
                               ? kAtOnce
                               : std::min(came_ns, entry.time_ns) + options_.delay_ns;
    waiting_.push_back({.entry = std::move(entry), .due_ns = due_ns});
  }
  std::inplace_merge(
      waiting_.begin(), waiting_.begin() + middle, waiting_.end(),
      [](const Waiting& a, const Waiting& b) { return a.entry.time_ns < b.entry.time_ns; });
}

void TailQueue::DropEntry(const logql::FoundEntry& entry) {
  if (dropped_.size() < options_.max_dropped) {
    dropped_.push_back(
        {.time_ns = entry.time_ns, .labels = std::make_shared<const model::Labels>(entry.labels)});
  }
}

void TailQueue::AddDropped(std::vector<rpc::DroppedEntry> dropped) {
  const size_t room = options_.max_dropped - std::min(dropped_.size(), options_.max_dropped);
  dropped.resize(std::min(dropped.size(), room));
  std::move(dropped.begin(), dropped.end(), std::back_inserter(dropped_));
}

std::optional<int64_t> TailQueue::NextDue() const {
  if (!dropped_.empty()) {
    return kAtOnce;
  }
  if (begin_ == waiting_.size()) {
    return std::nullopt;
  }
  return waiting_[begin_].due_ns;
}

std::optional<TailFrame> TailQueue::TakeFrame(int64_t now_ns) {
  TailFrame frame;
  size_t count = 0;
  for (size_t bytes = 0; begin_ < waiting_.size() && waiting_[begin_].due_ns <= now_ns; ++begin_) {
    logql::FoundEntry& entry = waiting_[begin_].entry;
    const size_t entry_bytes = BytesOf(entry);
    if (count == options_.frame_entries ||
        (count > 0 && bytes + entry_bytes > options_.frame_bytes)) {
      break;
    }
    ++count;
    bytes += entry_bytes;
    waiting_bytes_ -= entry_bytes;
    if (frame.streams.empty() || frame.streams.back().labels != entry.labels) {
      frame.streams.push_back({.labels = std::move(entry.labels), .entries = {}});
    }
    frame.streams.back().entries.push_back(
        {.time_ns = entry.time_ns,
         .line = std::move(entry.line),
         .structured_metadata = std::move(entry.structured_metadata),
         .parsed = std::move(entry.parsed)});
  }
  frame.dropped = std::exchange(dropped_, {});
  if (count == 0 && frame.dropped.empty()) {
    return std::nullopt;
  }
  return frame;
}

}  // namespace skald::querier

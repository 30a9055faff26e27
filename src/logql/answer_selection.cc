#include "logql/answer_selection.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "common/duration.h"

namespace skald::logql {
namespace {

constexpr int64_t kAnyTime = std::numeric_limits<int64_t>::max();

uint64_t BytesOf(const FoundEntry& entry) {
  uint64_t bytes = sizeof entry + entry.line.size() + entry.labels.encoded().size() +
                   entry.structured_metadata.encoded().size() + entry.parsed.encoded().size();
  for (const MarkedValue& value : entry.marks.values) {
    bytes += sizeof value + value.text.size();
  }
  return bytes;
}

}  // namespace

AnswerSelection::AnswerSelection(const AnswerStages& stages, model::Direction direction,
                                 uint64_t max_bytes, MemoryBudget* memory)
    : stages_(stages),
      direction_(direction),
      max_bytes_(max_bytes == 0 ? std::numeric_limits<uint64_t>::max() : max_bytes),
      descending_(!stages.decides_by_time() &&
                  std::get<SortBy>(stages.at(stages.deciding() - 1)).descending),
      worst_key_(kAnyTime),
      claim_(memory) {}

Status AnswerSelection::Add(std::vector<FoundEntry>& entries) {
  if (entries.empty()) {
    return {};
  }
  MutexLock lock(mutex_);
  for (const FoundEntry& entry : entries) {
    bytes_ += BytesOf(entry);
  }
  std::move(entries.begin(), entries.end(), std::back_inserter(entries_));
  entries.clear();
  if (IsFull()) {
    Reduce();
  }
  if (bytes_ > max_bytes_) {
    return ResourceExhausted(
        "the query would hold more than " + FormatIecBytes(max_bytes_) +
        " of entries for its stages distinct, sort and limit (limits_config.max_query_held_bytes); "
        "consider filtering more before them, or a shorter time range");
  }
  return claim_.Raise(bytes_);
}

// Whether it is worth the time to let go of what does not count.
bool AnswerSelection::IsFull() const {
  const bool first_cut = worst_key_.load(std::memory_order_relaxed) == kAnyTime &&
                         worst_number_.load(std::memory_order_relaxed) == kNoNumber;
  return entries_.size() >= reduce_at_ || bytes_ > max_bytes_ ||
         (first_cut && stages_.decides_by_time() && entries_.size() >= stages_.cut());
}

void AnswerSelection::Reduce() {
  stages_.Reduce(entries_);
  bytes_ = 0;
  for (const FoundEntry& entry : entries_) {
    bytes_ += BytesOf(entry);
  }
  reduce_at_ = std::max(kFirstReduction, 2 * entries_.size());
  FindWorst();
}

void AnswerSelection::FindWorst() {
  if (entries_.size() < stages_.cut() || entries_.empty()) {
    return;
  }
  const auto worst = std::max_element(
      entries_.begin(), entries_.end(),
      [this](const FoundEntry& a, const FoundEntry& b) { return stages_.Before(a, b); });
  if (stages_.decides_by_time()) {
    worst_key_.store(Key(worst->time_ns), std::memory_order_relaxed);
    return;
  }
  const MarkedValue& value = worst->marks.values[stages_.deciding() - 1];
  if (value.kind == MarkedValue::Kind::kNumber) {
    worst_number_.store(Signed(value.number), std::memory_order_relaxed);
  }
}

std::vector<FoundEntry> AnswerSelection::Take() {
  MutexLock lock(mutex_);
  stages_.Finish(entries_);
  return std::move(entries_);
}

}  // namespace skald::logql

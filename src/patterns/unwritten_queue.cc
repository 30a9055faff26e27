#include "patterns/unwritten_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace skald::patterns {
namespace {

void ForgetOf(std::vector<UnwrittenCounts>& waiting, const DeletedLines& deleted, uint32_t first,
              uint32_t end) {
  std::erase_if(waiting, [&](UnwrittenCounts& one) {
    if (!deleted.HasStream(*one.labels) || !deleted.MayHave(*one.labels, one.level, one.pattern)) {
      return false;
    }
    std::erase_if(one.counts, [&](const StepCounts::Count& count) {
      return first <= count.step && count.step < end;
    });
    return one.counts.empty();
  });
}

}  // namespace

size_t UnwrittenQueue::Keep(std::vector<UnwrittenCounts> left) {
  const size_t kept = std::min(left.size(), kMaxLeft - std::min(kMaxLeft, left_.size()));
  const size_t lost = left.size() - kept;
  left.resize(kept);
  std::move(left.begin(), left.end(), std::back_inserter(left_));
  return lost;
}

void UnwrittenQueue::Forget(const DeletedLines& deleted, uint32_t first, uint32_t end) {
  ForgetOf(left_, deleted, first, end);
  if (batch_ == nullptr) return;
  UnwrittenBatch batch = *batch_;
  ForgetOf(batch.counts, deleted, first, end);
  Begin(std::move(batch));
}

std::vector<UnwrittenCounts> UnwrittenQueue::TakeLeft() { return std::exchange(left_, {}); }

void UnwrittenQueue::Begin(UnwrittenBatch batch) {
  batch_ = std::make_shared<const UnwrittenBatch>(std::move(batch));
}

}  // namespace skald::patterns

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "patterns/deleted_lines.h"
#include "patterns/unwritten_counts.h"

namespace skald::patterns {

// Counts of one tenant on their way to be written down.
struct UnwrittenBatch {
  uint64_t run = 0;
  uint64_t number = 0;
  std::vector<UnwrittenCounts> counts;
};

// What one tenant has to be written down that its patterns no longer keep: what those had that are
// gone, and the batch that is being written.
//
// Order:   Begin while there is no batch.
// Threads: not synchronised.
class UnwrittenQueue {
 public:
  // Patterns that are gone; counts of more are lost.
  static constexpr size_t kMaxLeft = 10'000;

  // Appends what patterns have left; of how many there was no room for it.
  size_t Keep(std::vector<UnwrittenCounts> left);
  // Takes out what deleted lines may have a part in: counts of steps of [first, end). Who has the
  // batch keeps it as it was.
  void Forget(const DeletedLines& deleted, uint32_t first, uint32_t end);

  // What is left, for a batch.
  std::vector<UnwrittenCounts> TakeLeft();
  void Begin(UnwrittenBatch batch);
  void EndBatch() { batch_.reset(); }

  bool empty() const { return left_.empty() && batch_ == nullptr; }
  const std::vector<UnwrittenCounts>& left() const { return left_; }
  // Null if none is being written.
  const std::shared_ptr<const UnwrittenBatch>& batch() const { return batch_; }

 private:
  std::vector<UnwrittenCounts> left_;
  std::shared_ptr<const UnwrittenBatch> batch_;
};

}  // namespace skald::patterns

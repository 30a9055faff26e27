#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <vector>

#include "common/status.h"
#include "model/batch_source.h"
#include "model/row_gather.h"

namespace skald::model {

// Merges several sources of one stream. A scan is opened only when the merge gets to its time
// bounds; where a single source has entries its batches go through as they are.
//
// Two entries of different sources are equal if time, line and metadata are. Where blocks lack
// columns, entries of equal time and seq are taken to be equal; if others share their time, the
// blocks are read whole to compare them. Of a block that cannot be, only time and seq count.
//
// Order, Threads: as BatchSource.
// Ownership:      owns the scans; borrows `stats`, which must outlive it.
// Cost:           one batch of each source that overlaps the place reached, more where a batch
//                 ends amid entries of one time; rows of overlaps are copied.
class MergedSource final : public BatchSource {
 public:
  MergedSource(StreamScans scans, Direction direction, ScanStats& stats);
  ~MergedSource() override;

  Result<std::unique_ptr<LogBatch>> Next() override;

 private:
  // Times are compared as keys that ascend in the direction of reading.
  using Key = int64_t;
  static constexpr Key kNoKey = std::numeric_limits<Key>::max();

  struct Input;

  Key KeyOf(int64_t time) const { return direction_ == Direction::kForward ? time : ~time; }
  Key FirstBound(const StreamScan& scan) const {
    return KeyOf(direction_ == Direction::kForward ? scan.first_ns() : scan.last_ns());
  }
  Key NextBound() const;

  Status Pull(Input& input);
  Status Prepare();
  Key SafeLimit() const;
  Key OverlapEnd() const;
  Status ExtendPast(Key key);
  std::unique_ptr<LogBatch> PassThrough(Input& input, Key limit);
  Result<std::unique_ptr<LogBatch>> MergeBelow(Key limit);

  const Direction direction_;
  ScanStats& stats_;
  StreamScans waiting_;  // Not opened yet; the next one to open is last.
  StreamScans opened_;   // Kept alive for their sources.
  std::vector<std::unique_ptr<Input>> inputs_;
};

}  // namespace skald::model

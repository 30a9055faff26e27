#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "model/batch_source.h"

namespace skald::test {

// A stream's scan over blocks in memory, given in ascending order of time: each becomes one batch.
// Bounds are exact unless widened.
//
// Threads: as StreamScan.
class FakeScan final : public model::StreamScan {
 public:
  FakeScan(std::shared_ptr<const model::Labels> labels, model::Direction direction,
           std::vector<std::shared_ptr<const model::EntryBlock>> blocks)
      : labels_(std::move(labels)), direction_(direction), blocks_(blocks.begin(), blocks.end()) {
    std::erase_if(blocks_, [](const auto& block) { return block->size() == 0; });
    for (const auto& block : blocks_) {
      first_ns_ = std::min(first_ns_, block->times.front());
      last_ns_ = std::max(last_ns_, block->times.back());
    }
  }

  // Claims that there may be entries as early or late as this.
  void Widen(int64_t first_ns, int64_t last_ns) {
    first_ns_ = std::min(first_ns_, first_ns);
    last_ns_ = std::max(last_ns_, last_ns);
  }
  // Leaves rows outside `range` unselected, as a store does whose blocks are not cut by time.
  void SelectWithin(model::TimeRange range) {
    range_ = range;
    std::erase_if(blocks_, [range](const auto& block) {
      return std::none_of(block->times.begin(), block->times.end(),
                          [range](int64_t time) { return range.Contains(time); });
    });
  }
  // Makes the source end with `error` where it would end.
  void FailAtEnd(Status error) { error_ = std::move(error); }
  // Lets what `read(block)` returns stand in for blocks that are read whole.
  using ReadWhole = std::function<Result<std::shared_ptr<const model::EntryBlock>>(
      const std::shared_ptr<const model::EntryBlock>&)>;
  void ReadWholeBy(ReadWhole read) { read_whole_ = std::move(read); }
  // Set to true by Open.
  void WatchOpen(bool* opened) { opened_ = opened; }

  const std::shared_ptr<const model::Labels>& labels() const override { return labels_; }
  int64_t first_ns() const override { return first_ns_; }
  int64_t last_ns() const override { return last_ns_; }
  uint64_t estimated_bytes() const override {
    return std::accumulate(blocks_.begin(), blocks_.end(), uint64_t{0},
                           [](uint64_t sum, const auto& block) { return sum + LineBytes(*block); });
  }

  std::vector<model::ScanSpan> Spans() const override {
    std::vector<model::ScanSpan> spans;
    for (const auto& block : blocks_) {
      spans.push_back({.first_ns = block->times.front(),
                       .last_ns = block->times.back(),
                       .line_bytes = LineBytes(*block)});
    }
    return spans;
  }

  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
    if (opened_ != nullptr) *opened_ = true;
    return std::make_unique<Source>(*this, part);
  }

 private:
  // Blocks without lines are as if each was a byte.
  static uint64_t LineBytes(const model::EntryBlock& block) {
    return std::max(block.lines.text.size(), block.size());
  }

  class Source final : public model::BatchSource {
   public:
    Source(FakeScan& scan, model::TimeRange part)
        : scan_(scan), part_(part), blocks_(scan.blocks_) {
      std::erase_if(blocks_, [&](const auto& block) {
        return std::none_of(block->times.begin(), block->times.end(),
                            [&](int64_t time) { return IsWanted(time); });
      });
    }

    Result<std::unique_ptr<model::LogBatch>> Next() override {
      if (blocks_.empty()) {
        if (!scan_.error_.ok()) return scan_.error_;
        return std::unique_ptr<model::LogBatch>();
      }
      const bool forward = scan_.direction_ == model::Direction::kForward;
      auto batch = std::make_unique<model::LogBatch>();
      batch->stream = scan_.labels_;
      batch->block = forward ? blocks_.front() : blocks_.back();
      for (uint32_t row = 0; row < batch->block->size(); ++row) {
        if (IsWanted(batch->block->times[row])) batch->selection.push_back(row);
      }
      forward ? blocks_.pop_front() : blocks_.pop_back();
      if (scan_.read_whole_) {
        batch->read_whole = [read = scan_.read_whole_, block = batch->block] {
          return read(block);
        };
      }
      return batch;
    }

   private:
    bool IsWanted(int64_t time) const {
      return (!scan_.range_ || scan_.range_->Contains(time)) &&
             (part_ == model::TimeRange::All() || part_.Contains(time));
    }

    FakeScan& scan_;
    const model::TimeRange part_;
    std::deque<std::shared_ptr<const model::EntryBlock>> blocks_;
  };

  const std::shared_ptr<const model::Labels> labels_;
  const model::Direction direction_;
  std::deque<std::shared_ptr<const model::EntryBlock>> blocks_;
  int64_t first_ns_ = std::numeric_limits<int64_t>::max();
  int64_t last_ns_ = std::numeric_limits<int64_t>::min();
  std::optional<model::TimeRange> range_;  // All of time has an end that no range contains.
  Status error_;
  ReadWhole read_whole_;
  bool* opened_ = nullptr;
};

}  // namespace skald::test

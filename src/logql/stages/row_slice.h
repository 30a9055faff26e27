#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "logql/stages/label_columns.h"
#include "logql/stages/text_arena.h"
#include "model/log_batch.h"

namespace skald::logql {

// Up to kSliceRows rows of a batch on their way through the stages: their lines, their labels, and
// which of them are still wanted.
//
// Order:     (BeginBatch BeginSlice*)*, the rest in between.
// Ownership: borrows what it is given until the next BeginBatch.
// Threads:   not synchronised.
class RowSlice {
 public:
  RowSlice() = default;
  RowSlice(const RowSlice&) = delete;
  RowSlice& operator=(const RowSlice&) = delete;

  void BeginBatch(const model::Labels& stream, const model::EntryBlock& block) {
    stream_ = &stream;
    block_ = &block;
    texts_ = &block.texts();
    ++batch_id_;
  }
  // `rows`: at most kSliceRows rows of the block, ascending.
  void BeginSlice(std::span<const uint32_t> rows) {
    rows_ = rows;
    labels_.Begin(*stream_, *block_, rows);
    arena_.Clear();
    lines_replaced_ = false;
    active_.resize(rows.size());
    std::iota(active_.begin(), active_.end(), uint16_t{0});
  }

  size_t size() const { return rows_.size(); }
  // Differs from batch to batch: what was learnt about its columns holds for one of them.
  uint64_t batch_id() const { return batch_id_; }
  int64_t Time(size_t i) const { return block_->times[rows_[i]]; }
  uint64_t Seq(size_t i) const { return block_->seqs[rows_[i]]; }

  // Or its excerpt, if that is all that the stages look at.
  std::string_view Line(size_t i) const {
    return lines_replaced_ ? lines_[i] : (*texts_)[rows_[i]];
  }
  // Right also when the block was read without its lines.
  size_t LineBytes(size_t i) const {
    return lines_replaced_ ? lines_[i].size() : block_->lines.Length(rows_[i]);
  }
  // `line` must live as long as the slice: in the arena, or part of what is borrowed.
  void ReplaceLine(size_t i, std::string_view line) {
    if (!lines_replaced_) {
      lines_.resize(rows_.size());
      for (size_t k = 0; k < rows_.size(); ++k) {
        lines_[k] = (*texts_)[rows_[k]];
      }
      lines_replaced_ = true;
    }
    lines_[i] = line;
  }

  // Rows still wanted, ascending: indexes for the calls above and for labels().
  const std::vector<uint16_t>& active() const { return active_; }
  // Keeps the active rows for which `keep(i)` is true.
  template <typename F>
  void Retain(F&& keep) {
    size_t kept = 0;
    for (const uint16_t i : active_) {
      active_[kept] = i;
      kept += keep(i) ? 1 : 0;
    }
    active_.resize(kept);
  }

  // Takes a subset of the active rows, ascending, in exchange for them.
  void SwapActive(std::vector<uint16_t>& rows) { active_.swap(rows); }

  LabelColumns& labels() { return labels_; }
  const LabelColumns& labels() const { return labels_; }
  TextArena& arena() { return arena_; }

 private:
  const model::Labels* stream_ = nullptr;
  const model::EntryBlock* block_ = nullptr;
  const model::TextColumn* texts_ = nullptr;  // Of the block.
  uint64_t batch_id_ = 0;
  std::span<const uint32_t> rows_;
  std::vector<uint16_t> active_;
  bool lines_replaced_ = false;
  std::vector<std::string_view> lines_;
  LabelColumns labels_;
  TextArena arena_;
};

}  // namespace skald::logql

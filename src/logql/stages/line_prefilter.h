#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status.h"
#include "logql/stages/line_filter.h"
#include "model/batch_source.h"
#include "model/log_batch.h"

namespace skald::logql {

// Drops the rows of a block that a label filter behind a parser is sure to drop: their lines lack
// a text that the label's value is made of. `| json | status="500"` parses lines with 500 in them.
// Gives up searching where most lines have the text anyway.
//
// Threads: not synchronised. Each worker of a query has its own.
class LinePrefilter {
 public:
  // Requires: the literal is compared with case.
  static Result<std::unique_ptr<LinePrefilter>> Make(const model::LabelLiteral& literal);

  // Narrows `selection`, ascending rows of the batch's block, which has its lines or excerpts.
  void Filter(const model::LogBatch& batch, std::vector<uint32_t>& selection);

 private:
  LinePrefilter(std::unique_ptr<LineFilterStage> search, std::vector<std::string> unless_labels)
      : search_(std::move(search)), unless_labels_(std::move(unless_labels)) {}

  bool Applies(const model::LogBatch& batch) const;

  std::unique_ptr<LineFilterStage> search_;
  const std::vector<std::string> unless_labels_;
  uint64_t seen_ = 0;  // Rows so far, and those of them that were left.
  uint64_t left_ = 0;
};

}  // namespace skald::logql

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/stages/line_search.h"
#include "logql/stages/stage.h"
#include "model/entry_block.h"

namespace skald::logql {

// |= != |~ !~ |> !>: keeps the lines for which any alternative (negated: none) holds.
class LineFilterStage final : public BatchStage {
 public:
  // kInvalidArgument with the cause: a bad regex, pattern or ip().
  static Result<std::unique_ptr<LineFilterStage>> Make(const LineFilter& filter);

  // Narrows the ascending rows of `lines` in `selection`. Searches the buffer as a whole while
  // most of it is selected.
  void FilterBlock(const model::TextColumn& lines, std::vector<uint32_t>& selection);

  // On lines that may have been replaced.
  void Run(RowSlice& rows) override;

 private:
  LineFilterStage() = default;
  bool Keeps(std::string_view line) const;

  bool negated_ = false;
  bool always_ = false;  // Every line matches: one of the alternatives is sure to.
  std::vector<std::unique_ptr<LineSearch>> alternatives_;
  RowBits hits_;
};

}  // namespace skald::logql

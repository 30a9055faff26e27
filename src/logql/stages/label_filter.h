#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// Rows of a slice, ascending.
using RowList = std::vector<uint16_t>;

// A condition on the labels of a row.
//
// Threads: not synchronised: conditions keep scratch space.
class LabelCondition {
 public:
  virtual ~LabelCondition() = default;
  // Appends to `passed` those of `candidates` for which the condition holds. A value that cannot
  // be judged gives its row an error, and the condition holds.
  virtual void Select(RowSlice& rows, const RowList& candidates, RowList& passed) = 0;
};

// kInvalidArgument with the cause: a bad ip().
Result<std::unique_ptr<LabelCondition>> MakeLabelCondition(const LabelFilter& filter,
                                                           LabelColumns& labels);

// `| a="x"`, `| n>5 and d<=1s` ...: keeps the rows for which the condition holds.
class LabelFilterStage final : public BatchStage {
 public:
  explicit LabelFilterStage(std::unique_ptr<LabelCondition> condition)
      : condition_(std::move(condition)) {}

  void Run(RowSlice& rows) override;

 private:
  std::unique_ptr<LabelCondition> condition_;
  RowList passed_;
};

}  // namespace skald::logql

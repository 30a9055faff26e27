#pragma once

#include <memory>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/stages/label_filter.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// The label filters behind a parser that look at a label which a drop or keep in between removes.
// Compat: the reference judges a label by such filters as soon as it is parsed, and so before it
// is removed: `| json | level="" ` and `| json | drop level | level=""` keep the same lines.
//
// `stages` in the order they run; `parser` is the index of one that parses.
std::vector<const LabelFilter*> EarlyFilters(const std::vector<const Stage*>& stages,
                                             size_t parser);

// Applies a filter on one label to the rows where a parser has just set it.
class EarlyFilterStage final : public BatchStage {
 public:
  // Requires: a filter of EarlyFilters.
  static Result<std::unique_ptr<BatchStage>> Make(const LabelFilter& filter, LabelColumns& labels);

  void Run(RowSlice& rows) override;

 private:
  EarlyFilterStage(Slot slot, std::unique_ptr<LabelCondition> condition)
      : slot_(slot), condition_(std::move(condition)) {}

  const Slot slot_;
  std::unique_ptr<LabelCondition> condition_;
  RowList judged_;
  RowList passed_;
  RowList kept_;
};

}  // namespace skald::logql

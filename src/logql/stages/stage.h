#pragma once

#include "logql/stages/row_slice.h"

namespace skald::logql {

// One step of a query's pipeline, working on a slice of rows at a time: it drops rows from the
// active ones, adds to their labels, or replaces their lines.
//
// Ownership: made for one RowSlice, whose slots it keeps.
// Threads:   not synchronised: stages keep scratch space. Each worker of a query has its own.
class BatchStage {
 public:
  virtual ~BatchStage() = default;
  virtual void Run(RowSlice& rows) = 0;
};

}  // namespace skald::logql

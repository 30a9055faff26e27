#pragma once

#include <string_view>
#include <vector>

#include "logql/ast.h"

namespace skald::logql {

// A stage in the order that stages run, and why it does not run where it is written; "" if it does.
struct OrderedStage {
  const Stage* stage = nullptr;
  std::string_view why;
};

// The stages of a selector in an order that costs less and keeps the same entries: line filters
// as far to the front as their meaning allows, cheap ones first, and label filters before stages
// that do not touch their labels.
// Compat: line filters pass `decolorize`, so that they see the line with its colours.
//
// Ownership: the answer borrows `log`.
std::vector<OrderedStage> OrderStages(const LogExpr& log);

}  // namespace skald::logql

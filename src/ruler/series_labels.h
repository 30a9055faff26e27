#pragma once

#include <set>
#include <string>

#include "logql/ast.h"

namespace skald::ruler {

// Which labels the series of a metric query can have: some that are listed, or all but those.
//
// Threads: a value.
struct SeriesLabels {
  bool all_but = false;
  std::set<std::string> names;

  bool MayHave(const std::string& name) const { return names.contains(name) != all_but; }
};

// What can be told from the query alone: its aggregations name the labels that they keep.
SeriesLabels LabelsOf(const logql::Expr& expr);

}  // namespace skald::ruler

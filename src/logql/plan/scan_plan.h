#pragma once

#include <string_view>
#include <vector>

#include "logql/ast.h"
#include "logql/stages/label_needs.h"
#include "model/batch_source.h"

namespace skald::logql {

// What a selector with stages is read for.
struct ScanPurpose {
  bool lines = false;         // The text of what is left.
  bool line_lengths = false;  // Only how long it is.
  // Labels of what is left that matter: all of them, or these.
  LabelNeeds labels;
};

// How a selector with stages is read: decided before anything is.
struct ScanPlan {
  // In the order they are to run.
  std::vector<const Stage*> stages;
  // Labels that stages and purpose look at.
  LabelNeeds needs;
  model::ColumnSet columns;
  std::vector<model::RequiredLiteral> literals;
};

// Ownership: the plan borrows `log`.
ScanPlan PlanScan(const LogExpr& log, const ScanPurpose& purpose);

// Line filters moved as far to the front as their meaning allows.
// Compat: they pass `decolorize`, so that they see the line with its colours.
std::vector<const Stage*> OrderStages(const std::vector<Stage>& stages);

// Literals that every line must contain to pass the line filters that see it unchanged.
std::vector<model::RequiredLiteral> RequiredLiterals(const std::vector<const Stage*>& stages);

// Does nothing if all are needed anyway.
void AddName(std::string_view name, LabelNeeds& needs);
// Adds the names that a condition looks at.
void AddFilterNames(const LabelFilter& filter, LabelNeeds& needs);

}  // namespace skald::logql

#pragma once

#include <cstddef>
#include <memory>
#include <string>
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
  // What a row must pass behind the stages: unwrap's label must be there, and its filters hold.
  const Unwrap* unwrap = nullptr;
};

// A stage that runs elsewhere than it is written.
struct StageMove {
  size_t from = 0;  // Index in the selector.
  size_t to = 0;    // Index in the order they run.
  std::string_view why;
};

// How a selector with stages is read: decided before anything is.
struct ScanPlan {
  // In the order they are to run.
  std::vector<const Stage*> stages;
  std::vector<StageMove> moves;
  // Labels that stages and purpose look at.
  LabelNeeds needs;
  model::ColumnSet columns;
  std::shared_ptr<const model::LineExcerpt> excerpt;  // ScanRequest has it.
  // What entries must have, for sources.
  std::vector<model::RequiredLiteral> literals;
  std::vector<model::LabelLiteral> label_literals;
  std::vector<model::RequiredLabel> labels;
  // Those of label_literals that lines are searched for before they are parsed.
  std::vector<model::LabelLiteral> line_literals;

  // What to ask a source for; the rest is the caller's to fill in.
  model::ScanRequest Request(const model::Matchers& matchers) const;
};

// Ownership: the plan borrows `log` and `purpose.unwrap`.
ScanPlan PlanScan(const LogExpr& log, const ScanPurpose& purpose);
// For a query that answers with entries: lines and all labels.
ScanPlan PlanEntries(const LogExpr& log);

// Does nothing if all are needed anyway.
void AddName(std::string_view name, LabelNeeds& needs);
// Adds the names that a condition looks at.
void AddFilterNames(const LabelFilter& filter, LabelNeeds& needs);

}  // namespace skald::logql

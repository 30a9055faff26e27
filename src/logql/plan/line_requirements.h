#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "logql/ast.h"
#include "model/batch_source.h"

namespace skald::logql {

// Literals that every line must contain to pass the line filters that see it unchanged. `stages` in
// the order they run.
std::vector<model::RequiredLiteral> LiteralsOfLineFilters(const std::vector<const Stage*>& stages);

// What label filters say of entries before anything of them is read.
struct LabelRequirements {
  // Labels that an entry must have, and with which values.
  std::vector<model::RequiredLabel> labels;
  // Literals that its line must contain unless it has the label without a parser: what is compared
  // with, and the label's own name.
  std::vector<model::LabelLiteral> values;
  std::vector<model::LabelLiteral> keys;
};

// What `filter` says when it stands behind the stages in `before`, in the order they run. Never
// says more than is sure: whatever a requirement rules out does not pass the filter.
LabelRequirements RequirementsOf(const LabelFilter& filter,
                                 const std::vector<const Stage*>& before);
// The same for a label that must be there and not be empty.
LabelRequirements RequirementsOfPresence(std::string_view name,
                                         const std::vector<const Stage*>& before);

void Append(LabelRequirements more, LabelRequirements& all);

}  // namespace skald::logql

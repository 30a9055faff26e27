#pragma once

#include <memory>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/stages/label_needs.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// The stage of the tree, ready to run; null if it has nothing to do (a parser of which no label is
// needed). kInvalidArgument with the bare cause.
Result<std::unique_ptr<BatchStage>> MakeStage(const Stage& stage, const LabelNeeds& needs,
                                              LabelColumns& labels);

}  // namespace skald::logql

#pragma once

#include <cstddef>

#include "logql/stages/label_columns.h"
#include "model/labels.h"

namespace skald::logql {

// All labels of a row.
model::Labels LabelSet(const LabelColumns& labels, size_t i);
// Those of one category.
model::Labels LabelSet(const LabelColumns& labels, size_t i, LabelCategory category);

}  // namespace skald::logql

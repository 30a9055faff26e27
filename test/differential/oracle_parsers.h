#pragma once

#include <string>

#include "differential/oracle_row.h"
#include "logql/ast.h"

namespace skald::differential {

// The stages that make labels of a line.

void Apply(const logql::JsonParser& stage, Row& row);
void Apply(const logql::LogfmtParser& stage, Row& row);
void Apply(const logql::RegexpParser& stage, Row& row);
void Apply(const logql::PatternParser& stage, Row& row);
void Apply(const logql::UnpackParser& stage, Row& row);

}  // namespace skald::differential

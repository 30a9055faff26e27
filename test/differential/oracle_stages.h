#pragma once

#include <vector>

#include "differential/oracle_row.h"
#include "logql/ast.h"

namespace skald::differential {

// Whether a row passes a label filter. Values that can't be judged pass, with an error.
bool Passes(const logql::LabelFilter& filter, Row& row);

// Puts a row through the stages, in the order in which they are run; false if it is dropped.
bool RunStages(const std::vector<logql::Stage>& stages, Row& row);

// Whether an expression looks at `__error__`, which makes metric queries keep failed rows.
bool MentionsError(const logql::LogRange& range);

// A row of each entry that the selector finds: ordered by stream, time and arrival, repeated ones
// left out.
std::vector<Row> Select(const model::Matchers& matchers, const DataSet& data,
                        ParserErrors parser_errors);

}  // namespace skald::differential

#pragma once

#include "differential/answer.h"
#include "differential/data_set.h"
#include "differential/oracle_row.h"
#include "logql/engine.h"

namespace skald::differential {

// The answer to a query, worked out entry by entry and step by step from the contract: everything
// in memory, nothing pushed down, nothing shared between steps. Of the engine's code it uses the
// tree and the language of templates alone.
Answer Evaluate(const logql::Query& query, const DataSet& data,
                ParserErrors parser_errors = ParserErrors::kCount);

}  // namespace skald::differential

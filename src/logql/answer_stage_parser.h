#pragma once

#include "common/status.h"
#include "logql/ast.h"
#include "logql/extensions.h"
#include "logql/token_reader.h"

// The stages that Skald adds: `distinct a, b`, `sort by a [asc|desc]`, `limit n`. Their words are
// not reserved: what follows tells them from labels of the same name, as in `| limit > 5`.

namespace skald::logql {

// Whether such a stage begins at the current token, the one behind the bar.
bool AtAnswerStage(const TokenReader& in);

// Reads it. Where extensions are off, Loki's refusal with a hint. Requires: AtAnswerStage.
Result<Stage> ParseAnswerStage(TokenReader& in, Extensions extensions);

}  // namespace skald::logql

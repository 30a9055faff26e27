#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "logql/ast.h"

namespace skald::querier {

// FNV-1 of a query's text in 32 bits: log lines show it, and a rule of blocked_queries may be made
// of what they show.
uint32_t QueryHash(std::string_view text);

// The text that a query is known by, to rules and to its hash: the canonical one of a log query, so
// that blanks do not matter; a metric query's as it was written.
std::string KnownText(std::string_view text, const logql::Expr& expr);

}  // namespace skald::querier

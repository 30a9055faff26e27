#pragma once

#include <memory>
#include <string_view>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/extensions.h"

namespace skald::logql {

inline constexpr size_t kMaxQueryBytes = 131072;  // Longer queries are refused, as Loki does.
// Levels of an expression, parentheses and calls among them, and of a label filter: whoever walks
// them may recurse. A chain such as `a or b or c` is one level deeper with each operand; sums of
// numbers stay flat.
inline constexpr int kMaxDepth = 500;
inline constexpr int kMaxFilterDepth = 1000;

struct ParseOptions {
  Extensions extensions = Extensions::kOn;
  EmptySelector empty_selector = EmptySelector::kRefused;
};

// Parses and validates a query. kInvalidArgument with the whole text that clients are shown:
// `parse error at line 1, col 5: syntax error: unexpected IDENTIFIER`, or without a position
// `parse error : <message>`.
Result<std::shared_ptr<const Expr>> Parse(std::string_view query, const ParseOptions& options = {});

// As Parse, for delete requests: selectors may match everything. Whoever judges line by line must
// refuse Skald's own stages (IsAnswerStage), as Pipeline::Make does.
Result<std::shared_ptr<const Expr>> ParseUnchecked(std::string_view query);

// A selector alone, as the labels, series, stats and delete endpoints take it. kInvalidArgument
// `only label matchers are supported` if stages or an aggregation follow. `{}` and selectors
// without a matcher that excludes the empty value are refused unless `allow_empty`.
Result<model::Matchers> ParseSelector(std::string_view text, bool allow_empty = false);

}  // namespace skald::logql

#pragma once

#include <optional>
#include <string>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/token_reader.h"
#include "model/matcher.h"

// The part of the grammar that compares labels. Each function begins at the current token, leaves
// the reader behind the last one taken, and returns errors as Parse does.

namespace skald::logql {

// `a="b" and (n > 5 or took > 1s)`: comparisons of labels with text, numbers, durations, sizes and
// addresses.
Result<LabelFilter> ParseLabelFilter(TokenReader& in);

// The operator that the token is in a matcher: = != =~ !~.
std::optional<model::MatchOp> MatchOpOf(TokenKind kind);

// `="value"`: the matcher on `name`, from its operator on.
Result<model::Matcher> ParseMatcher(TokenReader& in, const std::string& name);

// `ip("text")`: the text.
Result<std::string> ParseIp(TokenReader& in);

}  // namespace skald::logql

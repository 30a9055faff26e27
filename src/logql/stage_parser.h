#pragma once

#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/extensions.h"
#include "logql/token_reader.h"
#include "model/matcher.h"

namespace skald::logql {

// The part of the grammar that says which logs: selectors, line filters, `| stage`, ranges.
// Errors are as Parse returns them.
//
// Ownership: borrows the reader, which stands behind the last token taken.
// Threads:   not synchronised.
class StageParser {
 public:
  StageParser(TokenReader& in, Extensions extensions) : in_(in), extensions_(extensions) {}

  // {name="value", ...}
  Result<model::Matchers> ParseSelector();

  // Appends the stages that follow, none if the next token begins none. Stops before the word in
  // `| unwrap`, which is no stage: then returns true.
  Result<bool> ParsePipeline(std::vector<Stage>& stages);

  // What a range aggregation aggregates: selector, stages, unwrap, [5m] and offset, in either order
  // and in parentheses or not. Requires: the current token is { or (.
  Result<LogRange> ParseLogRange();

 private:
  struct Range {
    LogRange range;
    bool complete = false;  // Whether [5m] was read.
  };

  Result<Range> ParseRange(int parentheses);
  Result<Range> ParseParenthesisedRange(int parentheses);
  Status ParseRangeAndOffset(LogRange& range);
  Result<Unwrap> ParseUnwrap();
  Status ParseStage(std::vector<Stage>& stages);
  Result<LineFilter> ParseLineFilter(LineFilterOp op);
  Result<LineFilterArg> ParseLineFilterArg();
  Result<LogfmtParser> ParseLogfmt();
  Result<std::vector<Extraction>> ParseExtractions();
  Result<LabelFormat> ParseLabelFormat();
  Result<std::vector<NameOrMatcher>> ParseNamesOrMatchers();

  TokenReader& in_;
  const Extensions extensions_;
};

}  // namespace skald::logql

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/token_reader.h"
#include "model/matcher.h"

namespace skald::logql {

// The part of the grammar between braces and after bars: selectors, line filters, `| stage`.
// Errors are as Parse returns them.
//
// Ownership: borrows the reader, which stands behind the last token taken.
// Threads:   not synchronised.
class StageParser {
 public:
  explicit StageParser(TokenReader& in) : in_(in) {}

  // {name="value", ...}
  Result<model::Matchers> ParseSelector();

  // Appends the stages that follow, none if the next token begins none. Stops before the word in
  // `| unwrap`, which is no stage: then returns true.
  Result<bool> ParsePipeline(std::vector<Stage>& stages);

  // From the word `unwrap` on: the label and the filters behind.
  Result<Unwrap> ParseUnwrap();

 private:
  struct FilterTree {
    LabelFilter filter;
    int depth = 1;
  };

  Status ParseStage(std::vector<Stage>& stages);
  Result<LineFilter> ParseLineFilter(LineFilterOp op);
  Result<LineFilterArg> ParseLineFilterArg();
  Result<LogfmtParser> ParseLogfmt();
  Result<std::vector<Extraction>> ParseExtractions();
  Result<LabelFormat> ParseLabelFormat();
  Result<std::vector<NameOrMatcher>> ParseNamesOrMatchers();

  Result<LabelFilter> ParseLabelFilter();
  Result<FilterTree> ParseFilterTree(int min_level, int depth, int parentheses);
  Result<FilterTree> ParseFilterTerm(int depth, int parentheses);
  Result<LabelFilter> ParseComparison();
  Result<LabelFilter> ParseNumericComparison(std::string name, CompareOp op);
  Result<LabelFilter> ParseNumberComparison(std::string name, CompareOp op);

  // From the operator on. Unexpected() without a list if there is none.
  Result<model::Matcher> ParseMatcher(const std::string& name);
  // The text of `ip("text")`, from the word on.
  Result<std::string> ParseIp();

  TokenReader& in_;
};

}  // namespace skald::logql

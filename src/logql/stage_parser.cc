#include "logql/stage_parser.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "logql/arithmetic.h"
#include "logql/parse_error.h"
#include "logql/parser.h"
#include "logql/validator.h"

namespace skald::logql {
namespace {

std::optional<LineFilterOp> LineFilterOpOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kPipeExact:
      return LineFilterOp::kContains;
    case TokenKind::kNotEqual:
      return LineFilterOp::kNotContains;
    case TokenKind::kPipeRegex:
      return LineFilterOp::kRegex;
    case TokenKind::kNotRegex:
      return LineFilterOp::kNotRegex;
    case TokenKind::kPipePattern:
      return LineFilterOp::kPattern;
    case TokenKind::kNotPattern:
      return LineFilterOp::kNotPattern;
    default:
      return std::nullopt;
  }
}

std::optional<model::MatchOp> MatchOpOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEqual:
      return model::MatchOp::kEqual;
    case TokenKind::kNotEqual:
      return model::MatchOp::kNotEqual;
    case TokenKind::kRegexMatch:
      return model::MatchOp::kRegex;
    case TokenKind::kNotRegex:
      return model::MatchOp::kNotRegex;
    default:
      return std::nullopt;
  }
}

// Of comparisons with numbers, where `=` is `==`.
std::optional<CompareOp> CompareOpOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEqual:
    case TokenKind::kCompareEqual:
      return CompareOp::kEqual;
    case TokenKind::kNotEqual:
      return CompareOp::kNotEqual;
    case TokenKind::kGreater:
      return CompareOp::kGreater;
    case TokenKind::kGreaterEqual:
      return CompareOp::kGreaterEqual;
    case TokenKind::kLess:
      return CompareOp::kLess;
    case TokenKind::kLessEqual:
      return CompareOp::kLessEqual;
    default:
      return std::nullopt;
  }
}

Status TooDeep(std::string_view what, int levels) {
  return ParseError(std::string(what) + " nested too deeply: more than " + std::to_string(levels) +
                    " levels");
}

Result<model::Matcher> MakeMatcher(model::MatchOp op, const std::string& name,
                                   const std::string& value) {
  Result<model::Matcher> matcher = model::Matcher::Make(op, name, value);
  if (!matcher.ok()) return ParseError(matcher.status().message());
  return matcher;
}

}  // namespace

Result<model::Matchers> StageParser::ParseSelector() {
  model::Matchers matchers;
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenBrace));
  if (in_.Accept(TokenKind::kCloseBrace)) return matchers;
  if (!in_.At(TokenKind::kIdentifier)) {
    return in_.Unexpected({TokenKind::kIdentifier, TokenKind::kCloseBrace});
  }
  do {
    SKALD_ASSIGN_OR_RETURN(const std::string name, in_.ExpectText(TokenKind::kIdentifier));
    if (!MatchOpOf(in_.kind())) {
      return in_.Unexpected(
          {TokenKind::kEqual, TokenKind::kRegexMatch, TokenKind::kNotRegex, TokenKind::kNotEqual});
    }
    SKALD_ASSIGN_OR_RETURN(model::Matcher matcher, ParseMatcher(name));
    matchers.push_back(std::move(matcher));
  } while (in_.Accept(TokenKind::kComma));
  if (!in_.Accept(TokenKind::kCloseBrace)) {
    return in_.Unexpected({TokenKind::kCloseBrace, TokenKind::kComma});
  }
  return matchers;
}

Result<bool> StageParser::ParsePipeline(std::vector<Stage>& stages) {
  for (;;) {
    if (const auto op = LineFilterOpOf(in_.kind())) {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(LineFilter filter, ParseLineFilter(*op));
      stages.push_back(std::move(filter));
    } else if (in_.Accept(TokenKind::kPipe)) {
      if (in_.At(TokenKind::kUnwrap)) return true;
      SKALD_RETURN_IF_ERROR(ParseStage(stages));
    } else {
      return false;
    }
  }
}

Result<Unwrap> StageParser::ParseUnwrap() {
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kUnwrap));
  Unwrap unwrap;
  switch (in_.kind()) {
    case TokenKind::kBytesConversion:
      unwrap.conversion = UnwrapConversion::kBytes;
      break;
    case TokenKind::kDurationConversion:
      unwrap.conversion = UnwrapConversion::kDuration;
      break;
    case TokenKind::kDurationSecondsConversion:
      unwrap.conversion = UnwrapConversion::kDurationSeconds;
      break;
    case TokenKind::kIdentifier:
      break;
    default:
      return in_.Unexpected({TokenKind::kIdentifier, TokenKind::kBytesConversion,
                             TokenKind::kDurationConversion,
                             TokenKind::kDurationSecondsConversion});
  }
  if (unwrap.conversion != UnwrapConversion::kNone) {
    in_.Advance();
    SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  }
  SKALD_ASSIGN_OR_RETURN(unwrap.label, in_.ExpectText(TokenKind::kIdentifier));
  if (unwrap.conversion != UnwrapConversion::kNone) {
    SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kCloseParen));
  }
  while (in_.Accept(TokenKind::kPipe)) {
    SKALD_ASSIGN_OR_RETURN(LabelFilter filter, ParseLabelFilter());
    unwrap.filters.push_back(std::move(filter));
  }
  return unwrap;
}

// From behind the bar on.
Status StageParser::ParseStage(std::vector<Stage>& stages) {
  switch (in_.kind()) {
    case TokenKind::kIdentifier:
    case TokenKind::kOpenParen: {
      SKALD_ASSIGN_OR_RETURN(LabelFilter filter, ParseLabelFilter());
      stages.push_back(std::move(filter));
      return Status();
    }
    case TokenKind::kJson: {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(std::vector<Extraction> extractions, ParseExtractions());
      stages.push_back(JsonParser{std::move(extractions)});
      return Status();
    }
    case TokenKind::kLogfmt: {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(LogfmtParser logfmt, ParseLogfmt());
      stages.push_back(std::move(logfmt));
      return Status();
    }
    case TokenKind::kRegexp: {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(std::string pattern, in_.ExpectText(TokenKind::kString));
      SKALD_RETURN_IF_ERROR(CheckRegexpStage(pattern));
      stages.push_back(RegexpParser{std::move(pattern)});
      return Status();
    }
    case TokenKind::kPattern: {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(std::string pattern, in_.ExpectText(TokenKind::kString));
      SKALD_RETURN_IF_ERROR(CheckPatternStage(pattern));
      stages.push_back(PatternParser{std::move(pattern)});
      return Status();
    }
    case TokenKind::kUnpack:
      in_.Advance();
      stages.push_back(UnpackParser{});
      return Status();
    case TokenKind::kDecolorize:
      in_.Advance();
      stages.push_back(Decolorize{});
      return Status();
    case TokenKind::kLineFormat: {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(std::string text, in_.ExpectText(TokenKind::kString));
      stages.push_back(LineFormat{std::move(text)});
      return Status();
    }
    case TokenKind::kLabelFormat: {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(LabelFormat format, ParseLabelFormat());
      stages.push_back(std::move(format));
      return Status();
    }
    case TokenKind::kDrop: {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(std::vector<NameOrMatcher> items, ParseNamesOrMatchers());
      stages.push_back(DropLabels{std::move(items)});
      return Status();
    }
    case TokenKind::kKeep: {
      in_.Advance();
      SKALD_ASSIGN_OR_RETURN(std::vector<NameOrMatcher> items, ParseNamesOrMatchers());
      stages.push_back(KeepLabels{std::move(items)});
      return Status();
    }
    default:
      return in_.Unexpected();
  }
}

Result<LineFilter> StageParser::ParseLineFilter(LineFilterOp op) {
  LineFilter filter{.op = op, .alternatives = {}};
  do {
    SKALD_ASSIGN_OR_RETURN(LineFilterArg arg, ParseLineFilterArg());
    filter.alternatives.push_back(std::move(arg));
  } while (in_.Accept(TokenKind::kOr));
  return filter;
}

Result<LineFilterArg> StageParser::ParseLineFilterArg() {
  LineFilterArg arg;
  if (in_.At(TokenKind::kIp)) {
    arg.ip = true;
    SKALD_ASSIGN_OR_RETURN(arg.text, ParseIp());
    return arg;
  }
  if (!in_.At(TokenKind::kString)) return in_.Unexpected({TokenKind::kString, TokenKind::kIp});
  SKALD_ASSIGN_OR_RETURN(arg.text, in_.ExpectText(TokenKind::kString));
  return arg;
}

Result<LogfmtParser> StageParser::ParseLogfmt() {
  LogfmtParser logfmt;
  for (;;) {
    if (in_.Accept(TokenKind::kStrictFlag)) {
      logfmt.strict = true;
    } else if (in_.Accept(TokenKind::kKeepEmptyFlag)) {
      logfmt.keep_empty = true;
    } else {
      break;
    }
  }
  SKALD_ASSIGN_OR_RETURN(logfmt.extractions, ParseExtractions());
  return logfmt;
}

Result<std::vector<Extraction>> StageParser::ParseExtractions() {
  std::vector<Extraction> extractions;
  if (!in_.At(TokenKind::kIdentifier)) return extractions;
  do {
    Extraction extraction;
    SKALD_ASSIGN_OR_RETURN(extraction.name, in_.ExpectText(TokenKind::kIdentifier));
    extraction.expression = extraction.name;
    if (in_.Accept(TokenKind::kEqual)) {
      SKALD_ASSIGN_OR_RETURN(extraction.expression, in_.ExpectText(TokenKind::kString));
    }
    extractions.push_back(std::move(extraction));
  } while (in_.Accept(TokenKind::kComma));
  return extractions;
}

Result<LabelFormat> StageParser::ParseLabelFormat() {
  LabelFormat format;
  do {
    LabelFormat::Item item;
    SKALD_ASSIGN_OR_RETURN(item.name, in_.ExpectText(TokenKind::kIdentifier));
    SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kEqual));
    item.rename = in_.At(TokenKind::kIdentifier);
    if (!item.rename && !in_.At(TokenKind::kString)) {
      return in_.Unexpected({TokenKind::kIdentifier, TokenKind::kString});
    }
    SKALD_ASSIGN_OR_RETURN(item.value, in_.ExpectText(in_.kind()));
    format.items.push_back(std::move(item));
  } while (in_.Accept(TokenKind::kComma));
  return format;
}

Result<std::vector<NameOrMatcher>> StageParser::ParseNamesOrMatchers() {
  std::vector<NameOrMatcher> items;
  do {
    NameOrMatcher item;
    SKALD_ASSIGN_OR_RETURN(item.name, in_.ExpectText(TokenKind::kIdentifier));
    if (MatchOpOf(in_.kind())) {
      SKALD_ASSIGN_OR_RETURN(item.matcher, ParseMatcher(item.name));
    }
    items.push_back(std::move(item));
  } while (in_.Accept(TokenKind::kComma));
  return items;
}

Result<LabelFilter> StageParser::ParseLabelFilter() {
  SKALD_ASSIGN_OR_RETURN(FilterTree tree, ParseFilterTree(0, 1, 0));
  return std::move(tree.filter);
}

// Operators of at least `min_level`: `or` is 1, `and` 2. A comma, or nothing between two terms,
// means `and` too, but has no rank: it binds to the term before, and to all that follows.
Result<StageParser::FilterTree> StageParser::ParseFilterTree(int min_level, int depth,
                                                             int parentheses) {
  if (depth > kMaxChain) return TooDeep("label filters are", kMaxChain);
  SKALD_ASSIGN_OR_RETURN(FilterTree left, ParseFilterTerm(depth, parentheses));
  for (;;) {
    const bool is_or = in_.At(TokenKind::kOr);
    int level = is_or ? 1 : 2;
    if (is_or || in_.At(TokenKind::kAnd)) {
      if (level <= min_level) return left;
      in_.Advance();
    } else if (in_.At(TokenKind::kIdentifier) || in_.At(TokenKind::kOpenParen) ||
               in_.Accept(TokenKind::kComma)) {
      level = 0;
    } else {
      return left;
    }
    SKALD_ASSIGN_OR_RETURN(FilterTree right, ParseFilterTree(level, depth + 1, parentheses));
    const int tree_depth = std::max(left.depth, right.depth) + 1;
    if (tree_depth > kMaxChain) return TooDeep("label filters are", kMaxChain);
    left = {{BinaryLabelFilter{is_or, std::make_unique<LabelFilter>(std::move(left.filter)),
                               std::make_unique<LabelFilter>(std::move(right.filter))}},
            tree_depth};
  }
}

Result<StageParser::FilterTree> StageParser::ParseFilterTerm(int depth, int parentheses) {
  if (in_.Accept(TokenKind::kOpenParen)) {
    if (parentheses == kMaxDepth) return TooDeep("parentheses are", kMaxDepth);
    SKALD_ASSIGN_OR_RETURN(FilterTree inner, ParseFilterTree(0, depth + 1, parentheses + 1));
    if (!in_.Accept(TokenKind::kCloseParen)) return in_.Unexpected();
    return inner;
  }
  SKALD_ASSIGN_OR_RETURN(LabelFilter filter, ParseComparison());
  return FilterTree{std::move(filter)};
}

Result<LabelFilter> StageParser::ParseComparison() {
  if (!in_.At(TokenKind::kIdentifier)) {
    return in_.Unexpected({TokenKind::kIdentifier, TokenKind::kOpenParen});
  }
  SKALD_ASSIGN_OR_RETURN(std::string name, in_.ExpectText(TokenKind::kIdentifier));
  if (in_.At(TokenKind::kRegexMatch) || in_.At(TokenKind::kNotRegex)) {
    SKALD_ASSIGN_OR_RETURN(model::Matcher matcher, ParseMatcher(name));
    return LabelFilter{StringLabelFilter{std::move(matcher)}};
  }
  const TokenKind op = in_.kind();
  const std::optional<CompareOp> compare = CompareOpOf(op);
  if (!compare) return in_.Unexpected();
  in_.Advance();
  const std::optional<model::MatchOp> match = MatchOpOf(op);
  if (match && in_.At(TokenKind::kString)) {
    SKALD_ASSIGN_OR_RETURN(const std::string value, in_.ExpectText(TokenKind::kString));
    SKALD_ASSIGN_OR_RETURN(model::Matcher matcher, MakeMatcher(*match, name, value));
    return LabelFilter{StringLabelFilter{std::move(matcher)}};
  }
  if (match && in_.At(TokenKind::kIp)) {
    SKALD_ASSIGN_OR_RETURN(std::string pattern, ParseIp());
    return LabelFilter{
        IpLabelFilter{std::move(name), op == TokenKind::kNotEqual, std::move(pattern)}};
  }
  return ParseNumericComparison(std::move(name), *compare);
}

Result<LabelFilter> StageParser::ParseNumericComparison(std::string name, CompareOp op) {
  if (in_.At(TokenKind::kDuration)) {
    const int64_t nanoseconds = in_.current().nanoseconds;
    in_.Advance();
    return LabelFilter{DurationLabelFilter{std::move(name), op, nanoseconds}};
  }
  if (in_.At(TokenKind::kBytes)) {
    const uint64_t bytes = in_.current().bytes;
    in_.Advance();
    return LabelFilter{BytesLabelFilter{std::move(name), op, bytes}};
  }
  return ParseNumberComparison(std::move(name), op);
}

Result<LabelFilter> StageParser::ParseNumberComparison(std::string name, CompareOp op) {
  const bool negative = in_.At(TokenKind::kSub);
  const bool has_sign = negative || in_.At(TokenKind::kAdd);
  if (has_sign) in_.Advance();
  if (!has_sign && !in_.At(TokenKind::kNumber)) return in_.Unexpected();
  SKALD_ASSIGN_OR_RETURN(const std::string text, in_.ExpectText(TokenKind::kNumber));
  SKALD_ASSIGN_OR_RETURN(const double value, ParseLiteral(text));
  return LabelFilter{NumberLabelFilter{std::move(name), op, negative ? -value : value}};
}

Result<model::Matcher> StageParser::ParseMatcher(const std::string& name) {
  const std::optional<model::MatchOp> op = MatchOpOf(in_.kind());
  if (!op) return in_.Unexpected();
  in_.Advance();
  SKALD_ASSIGN_OR_RETURN(const std::string value, in_.ExpectText(TokenKind::kString));
  return MakeMatcher(*op, name, value);
}

Result<std::string> StageParser::ParseIp() {
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kIp));
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  SKALD_ASSIGN_OR_RETURN(std::string text, in_.ExpectText(TokenKind::kString));
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kCloseParen));
  return text;
}

}  // namespace skald::logql

#include "logql/stage_parser.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "logql/answer_stage_parser.h"
#include "logql/label_filter_parser.h"
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
    SKALD_ASSIGN_OR_RETURN(model::Matcher matcher, ParseMatcher(in_, name));
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
    SKALD_ASSIGN_OR_RETURN(LabelFilter filter, ParseLabelFilter(in_));
    unwrap.filters.push_back(std::move(filter));
  }
  return unwrap;
}

Result<LogRange> StageParser::ParseLogRange() {
  SKALD_ASSIGN_OR_RETURN(Range range, ParseRange(0));
  return std::move(range.range);
}

// selector [5m] [offset] pipeline unwrap, or selector pipeline unwrap [5m] [offset]; in parentheses
// the second may end before its range, which then follows them.
Result<StageParser::Range> StageParser::ParseRange(int parentheses) {
  if (in_.At(TokenKind::kOpenParen)) return ParseParenthesisedRange(parentheses + 1);
  Range result;
  LogRange& range = result.range;
  SKALD_ASSIGN_OR_RETURN(range.log.matchers, ParseSelector());
  if (in_.At(TokenKind::kRange)) {
    result.complete = true;
    SKALD_RETURN_IF_ERROR(ParseRangeAndOffset(range));
  }
  SKALD_ASSIGN_OR_RETURN(const bool at_unwrap, ParsePipeline(range.log.stages));
  if (at_unwrap) {
    SKALD_ASSIGN_OR_RETURN(range.unwrap, ParseUnwrap());
  }
  if (result.complete) return result;
  if (in_.At(TokenKind::kRange)) {
    result.complete = true;
    SKALD_RETURN_IF_ERROR(ParseRangeAndOffset(range));
    return result;
  }
  if (parentheses > 0 && in_.At(TokenKind::kCloseParen)) return result;
  if (!at_unwrap) return in_.Unexpected();
  if (parentheses == 0) return in_.Unexpected({TokenKind::kRange, TokenKind::kPipe});
  return in_.Unexpected({TokenKind::kRange, TokenKind::kPipe, TokenKind::kCloseParen});
}

Result<StageParser::Range> StageParser::ParseParenthesisedRange(int parentheses) {
  if (parentheses > kMaxDepth) {
    return ParseError("parentheses nested too deeply: more than " + std::to_string(kMaxDepth) +
                      " levels");
  }
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  if (!in_.At(TokenKind::kOpenBrace) && !in_.At(TokenKind::kOpenParen)) {
    return in_.Unexpected({TokenKind::kOpenBrace, TokenKind::kOpenParen});
  }
  SKALD_ASSIGN_OR_RETURN(Range result, ParseRange(parentheses));
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kCloseParen));
  if (!result.complete) {
    if (!in_.At(TokenKind::kRange)) return in_.Unexpected({TokenKind::kRange});
    result.complete = true;
    SKALD_RETURN_IF_ERROR(ParseRangeAndOffset(result.range));
  }
  return result;
}

Status StageParser::ParseRangeAndOffset(LogRange& range) {
  range.range_ns = in_.current().nanoseconds;
  in_.Advance();
  if (!in_.Accept(TokenKind::kOffset)) return Status();
  range.offset_ns = in_.current().nanoseconds;
  return in_.Expect(TokenKind::kDuration);
}

// From behind the bar on.
Status StageParser::ParseStage(std::vector<Stage>& stages) {
  switch (in_.kind()) {
    case TokenKind::kIdentifier:
    case TokenKind::kOpenParen: {
      if (AtAnswerStage(in_)) {
        SKALD_ASSIGN_OR_RETURN(Stage stage, ParseAnswerStage(in_, extensions_));
        stages.push_back(std::move(stage));
        return Status();
      }
      SKALD_ASSIGN_OR_RETURN(LabelFilter filter, ParseLabelFilter(in_));
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
    SKALD_ASSIGN_OR_RETURN(arg.text, ParseIp(in_));
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
      SKALD_ASSIGN_OR_RETURN(item.matcher, ParseMatcher(in_, item.name));
    }
    items.push_back(std::move(item));
  } while (in_.Accept(TokenKind::kComma));
  return items;
}

}  // namespace skald::logql

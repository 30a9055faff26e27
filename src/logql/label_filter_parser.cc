#include "logql/label_filter_parser.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "logql/parse_error.h"
#include "logql/parser.h"
#include "logql/validator.h"

namespace skald::logql {
namespace {

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

Result<model::Matcher> MakeMatcher(model::MatchOp op, const std::string& name,
                                   const std::string& value) {
  Result<model::Matcher> matcher = model::Matcher::Make(op, name, value);
  if (!matcher.ok()) return ParseError(matcher.status().message());
  return matcher;
}

// One filter: comparisons joined by operators. Both wait on stacks until it is known what belongs
// together, so that neither long chains nor many parentheses recurse.
//
// A comma, or nothing between two comparisons, means `and` as well, but has no rank: it takes the
// comparison before it and all that follows. `a and b , c or d` is  a and (b and (c or d)).
//
// Order:     one Parse.
// Ownership: borrows the reader.
// Threads:   not synchronised.
class FilterParser {
 public:
  explicit FilterParser(TokenReader& in) : in_(in) {}

  Result<LabelFilter> Parse();

 private:
  // In the order of rank.
  enum class Operator { kParenthesis, kJoin, kOr, kAnd };
  // With its height.
  struct Tree {
    LabelFilter filter;
    int depth = 1;
  };

  Status ParseOperand();
  // Takes the operator after an operand and closes parentheses. False if there is no more.
  Result<bool> ParseOperator();
  Status ApplyAbove(Operator rank);
  Status ApplyOperator();

  Result<LabelFilter> ParseComparison();
  Result<LabelFilter> ParseNumericComparison(std::string name, CompareOp op);
  Result<LabelFilter> ParseNumberComparison(std::string name, CompareOp op);

  TokenReader& in_;
  std::vector<Tree> operands_;
  std::vector<Operator> operators_;
  int open_parentheses_ = 0;
};

Result<LabelFilter> FilterParser::Parse() {
  for (bool more = true; more;) {
    SKALD_RETURN_IF_ERROR(ParseOperand());
    SKALD_ASSIGN_OR_RETURN(more, ParseOperator());
  }
  if (open_parentheses_ > 0) return in_.Unexpected();
  SKALD_RETURN_IF_ERROR(ApplyAbove(Operator::kParenthesis));
  return std::move(operands_.back().filter);
}

Status FilterParser::ParseOperand() {
  while (in_.Accept(TokenKind::kOpenParen)) {
    operators_.push_back(Operator::kParenthesis);
    ++open_parentheses_;
  }
  SKALD_ASSIGN_OR_RETURN(LabelFilter comparison, ParseComparison());
  operands_.push_back({std::move(comparison)});
  return Status();
}

Result<bool> FilterParser::ParseOperator() {
  while (open_parentheses_ > 0 && in_.Accept(TokenKind::kCloseParen)) {
    SKALD_RETURN_IF_ERROR(ApplyAbove(Operator::kParenthesis));
    operators_.pop_back();
    --open_parentheses_;
  }
  if (in_.Accept(TokenKind::kOr)) {
    SKALD_RETURN_IF_ERROR(ApplyAbove(Operator::kJoin));
    operators_.push_back(Operator::kOr);
    return true;
  }
  if (in_.Accept(TokenKind::kAnd)) {
    SKALD_RETURN_IF_ERROR(ApplyAbove(Operator::kOr));
    operators_.push_back(Operator::kAnd);
    return true;
  }
  if (in_.At(TokenKind::kIdentifier) || in_.At(TokenKind::kOpenParen) ||
      in_.Accept(TokenKind::kComma)) {
    operators_.push_back(Operator::kJoin);
    return true;
  }
  return false;
}

// Applies the operators on top of the stack that rank above `rank`.
Status FilterParser::ApplyAbove(Operator rank) {
  while (!operators_.empty() && operators_.back() > rank) {
    SKALD_RETURN_IF_ERROR(ApplyOperator());
  }
  return Status();
}

Status FilterParser::ApplyOperator() {
  Tree right = std::move(operands_.back());
  operands_.pop_back();
  Tree& left = operands_.back();
  left.depth = std::max(left.depth, right.depth) + 1;
  if (left.depth > kMaxFilterDepth) {
    return ParseError("label filter nested too deeply: more than " +
                      std::to_string(kMaxFilterDepth) + " levels");
  }
  left.filter = LabelFilter{BinaryLabelFilter{
      operators_.back() == Operator::kOr, std::make_unique<LabelFilter>(std::move(left.filter)),
      std::make_unique<LabelFilter>(std::move(right.filter))}};
  operators_.pop_back();
  return Status();
}

Result<LabelFilter> FilterParser::ParseComparison() {
  if (!in_.At(TokenKind::kIdentifier)) {
    return in_.Unexpected({TokenKind::kIdentifier, TokenKind::kOpenParen});
  }
  SKALD_ASSIGN_OR_RETURN(std::string name, in_.ExpectText(TokenKind::kIdentifier));
  if (in_.At(TokenKind::kRegexMatch) || in_.At(TokenKind::kNotRegex)) {
    SKALD_ASSIGN_OR_RETURN(model::Matcher matcher, ParseMatcher(in_, name));
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
    SKALD_ASSIGN_OR_RETURN(std::string pattern, ParseIp(in_));
    return LabelFilter{
        IpLabelFilter{std::move(name), op == TokenKind::kNotEqual, std::move(pattern)}};
  }
  return ParseNumericComparison(std::move(name), *compare);
}

Result<LabelFilter> FilterParser::ParseNumericComparison(std::string name, CompareOp op) {
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

Result<LabelFilter> FilterParser::ParseNumberComparison(std::string name, CompareOp op) {
  const bool negative = in_.At(TokenKind::kSub);
  const bool has_sign = negative || in_.At(TokenKind::kAdd);
  if (has_sign) in_.Advance();
  if (!has_sign && !in_.At(TokenKind::kNumber)) return in_.Unexpected();
  SKALD_ASSIGN_OR_RETURN(const std::string text, in_.ExpectText(TokenKind::kNumber));
  SKALD_ASSIGN_OR_RETURN(const double value, ParseLiteral(text));
  return LabelFilter{NumberLabelFilter{std::move(name), op, negative ? -value : value}};
}

}  // namespace

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

Result<LabelFilter> ParseLabelFilter(TokenReader& in) { return FilterParser(in).Parse(); }

Result<model::Matcher> ParseMatcher(TokenReader& in, const std::string& name) {
  const std::optional<model::MatchOp> op = MatchOpOf(in.kind());
  if (!op) return in.Unexpected();
  in.Advance();
  SKALD_ASSIGN_OR_RETURN(const std::string value, in.ExpectText(TokenKind::kString));
  return MakeMatcher(*op, name, value);
}

Result<std::string> ParseIp(TokenReader& in) {
  SKALD_RETURN_IF_ERROR(in.Expect(TokenKind::kIp));
  SKALD_RETURN_IF_ERROR(in.Expect(TokenKind::kOpenParen));
  SKALD_ASSIGN_OR_RETURN(std::string text, in.ExpectText(TokenKind::kString));
  SKALD_RETURN_IF_ERROR(in.Expect(TokenKind::kCloseParen));
  return text;
}

}  // namespace skald::logql

#include "logql/label_filter_parser.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

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

// One filter: comparisons joined by operators, which are climbed by their levels.
//
// Ownership: borrows the reader.
// Threads:   not synchronised.
class FilterParser {
 public:
  explicit FilterParser(TokenReader& in) : in_(in) {}

  Result<LabelFilter> Parse() {
    SKALD_ASSIGN_OR_RETURN(Tree tree, ParseTree(0, 1, 0));
    return std::move(tree.filter);
  }

 private:
  // With its height, which bounds how deep whoever walks it recurses.
  struct Tree {
    LabelFilter filter;
    int depth = 1;
  };

  Result<Tree> ParseTree(int min_level, int depth, int parentheses);
  Result<Tree> ParseTerm(int depth, int parentheses);
  Result<LabelFilter> ParseComparison();
  Result<LabelFilter> ParseNumericComparison(std::string name, CompareOp op);
  Result<LabelFilter> ParseNumberComparison(std::string name, CompareOp op);

  TokenReader& in_;
};

// Operators of at least `min_level`: `or` is 1, `and` 2. A comma, or nothing between two terms,
// means `and` too, but has no rank: it binds to the term before, and to all that follows.
Result<FilterParser::Tree> FilterParser::ParseTree(int min_level, int depth, int parentheses) {
  if (depth > kMaxChain) return TooDeep("label filters are", kMaxChain);
  SKALD_ASSIGN_OR_RETURN(Tree left, ParseTerm(depth, parentheses));
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
    SKALD_ASSIGN_OR_RETURN(Tree right, ParseTree(level, depth + 1, parentheses));
    const int tree_depth = std::max(left.depth, right.depth) + 1;
    if (tree_depth > kMaxChain) return TooDeep("label filters are", kMaxChain);
    left = {{BinaryLabelFilter{is_or, std::make_unique<LabelFilter>(std::move(left.filter)),
                               std::make_unique<LabelFilter>(std::move(right.filter))}},
            tree_depth};
  }
}

Result<FilterParser::Tree> FilterParser::ParseTerm(int depth, int parentheses) {
  if (in_.Accept(TokenKind::kOpenParen)) {
    if (parentheses == kMaxDepth) return TooDeep("parentheses are", kMaxDepth);
    SKALD_ASSIGN_OR_RETURN(Tree inner, ParseTree(0, depth + 1, parentheses + 1));
    if (!in_.Accept(TokenKind::kCloseParen)) return in_.Unexpected();
    return inner;
  }
  SKALD_ASSIGN_OR_RETURN(LabelFilter filter, ParseComparison());
  return Tree{std::move(filter)};
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

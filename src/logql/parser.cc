#include "logql/parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "logql/arithmetic.h"
#include "logql/operator_table.h"
#include "logql/parse_error.h"
#include "logql/stage_parser.h"
#include "logql/token_reader.h"
#include "logql/validator.h"

namespace skald::logql {
namespace {

template <typename Node>
ExprPtr MakeExpr(Node node) {
  return std::make_unique<Expr>(Expr{std::move(node)});
}

// A tree with its height, which bounds how deep whoever walks it recurses.
struct Tree {
  ExprPtr expr;
  int depth = 1;
};

Status TooDeep() {
  return ParseError("expression nested too deeply: more than " + std::to_string(kMaxDepth) +
                    " levels");
}

// The part of the grammar outside of braces and bars: aggregations, operators, numbers. One method
// a rule, operators by climbing their levels.
//
// Threads: not synchronised; one query.
class Parser {
 public:
  Parser(std::string_view query, Extensions extensions)
      : in_(query), extensions_(extensions), stages_(in_, extensions) {}

  Result<ExprPtr> Parse() {
    SKALD_ASSIGN_OR_RETURN(Tree tree, ParseExpr(1));
    if (!in_.At(TokenKind::kEnd)) return in_.Unexpected();
    return std::move(tree.expr);
  }

 private:
  Result<Tree> ParseExpr(int min_level);
  Result<Tree> ParseOperators(Tree left, int min_level);
  Result<Tree> ParsePowers(Tree first);
  Result<Tree> Combine(BinaryExpr binary, Tree left, Tree right);
  Result<BinaryExpr> ParseModifiers(BinaryOp op);
  Result<Tree> ParseOperand();
  Result<Tree> ParseParenthesised();
  Result<Tree> ParseNumberOperand();
  Result<Tree> ParseVectorAggregation();
  Result<Tree> ParseNested(std::optional<Tree> begin = std::nullopt);
  Result<Tree> ParseMetricArgument(std::optional<Tree> begin = std::nullopt);
  Result<Tree> ParseLabelReplace();
  Result<Tree> ParseVectorLiteral();
  Result<Tree> ParseRangeAggregation();
  Result<Tree> ParseLogExpr();
  Result<std::optional<Grouping>> ParseGrouping();
  Result<std::vector<std::string>> ParseLabelList();

  TokenReader in_;
  const Extensions extensions_;
  StageParser stages_;
  int depth_ = 0;  // Of open parentheses and calls around the current token.
};

// Operands joined by operators of at least `min_level`.
Result<Tree> Parser::ParseExpr(int min_level) {
  SKALD_ASSIGN_OR_RETURN(Tree operand, ParseOperand());
  return ParseOperators(std::move(operand), min_level);
}

Result<Tree> Parser::ParseOperators(Tree left, int min_level) {
  SKALD_ASSIGN_OR_RETURN(left, ParsePowers(std::move(left)));
  for (;;) {
    const OperatorRule* rule = FindOperator(in_.kind());
    if (rule == nullptr || rule->level < min_level) return left;
    in_.Advance();
    SKALD_ASSIGN_OR_RETURN(BinaryExpr binary, ParseModifiers(rule->op));
    SKALD_ASSIGN_OR_RETURN(Tree right, ParseExpr(rule->level + 1));
    SKALD_ASSIGN_OR_RETURN(left, Combine(std::move(binary), std::move(left), std::move(right)));
  }
}

// The operands of `a ^ b ^ c`, which groups to the right; a loop, as such chains may be long.
Result<Tree> Parser::ParsePowers(Tree first) {
  std::vector<Tree> operands;
  std::vector<BinaryExpr> powers;
  operands.push_back(std::move(first));
  while (in_.Accept(TokenKind::kPow)) {
    SKALD_ASSIGN_OR_RETURN(BinaryExpr power, ParseModifiers(BinaryOp::kPow));
    SKALD_ASSIGN_OR_RETURN(Tree operand, ParseOperand());
    powers.push_back(std::move(power));
    operands.push_back(std::move(operand));
  }
  Tree tree = std::move(operands.back());
  while (!powers.empty()) {
    operands.pop_back();
    SKALD_ASSIGN_OR_RETURN(
        tree, Combine(std::move(powers.back()), std::move(operands.back()), std::move(tree)));
    powers.pop_back();
  }
  return tree;
}

// Two numbers become one, so that a long sum of them stays flat.
Result<Tree> Parser::Combine(BinaryExpr binary, Tree left, Tree right) {
  SKALD_RETURN_IF_ERROR(CheckOperands(binary.op, *left.expr, *right.expr));
  const Literal* a = std::get_if<Literal>(&left.expr->node);
  const Literal* b = std::get_if<Literal>(&right.expr->node);
  if (a != nullptr && b != nullptr) {
    const bool divides = binary.op == BinaryOp::kDiv || binary.op == BinaryOp::kMod;
    if (divides && b->value == 0 && extensions_ == Extensions::kOff) {
      return SwitchedOff(ParseError("division of a number by zero"), "its answer, NaN,");
    }
    return Tree{MakeExpr(Literal{Calculate(binary.op, a->value, b->value)})};
  }
  const int depth = std::max(left.depth, right.depth) + 1;
  if (depth > kMaxDepth) return TooDeep();
  binary.left = std::move(left.expr);
  binary.right = std::move(right.expr);
  return Tree{MakeExpr(std::move(binary)), depth};
}

// [bool] [on|ignoring (labels) [group_left|group_right [(labels)]]]
Result<BinaryExpr> Parser::ParseModifiers(BinaryOp op) {
  BinaryExpr binary;
  binary.op = op;
  binary.return_bool = in_.Accept(TokenKind::kBool);
  const bool on = in_.At(TokenKind::kOn);
  if (!on && !in_.At(TokenKind::kIgnoring)) return binary;
  in_.Advance();
  VectorMatching& matching = binary.matching.emplace();
  matching.on = on;
  SKALD_ASSIGN_OR_RETURN(matching.labels, ParseLabelList());
  if (in_.Accept(TokenKind::kGroupLeft)) {
    matching.cardinality = Cardinality::kManyToOne;
  } else if (in_.Accept(TokenKind::kGroupRight)) {
    matching.cardinality = Cardinality::kOneToMany;
  } else {
    return binary;
  }
  if (in_.At(TokenKind::kOpenParen)) {
    SKALD_ASSIGN_OR_RETURN(matching.include, ParseLabelList());
  }
  return binary;
}

Result<Tree> Parser::ParseOperand() {
  switch (in_.kind()) {
    case TokenKind::kOpenBrace:
      return ParseLogExpr();
    case TokenKind::kOpenParen:
      return ParseParenthesised();
    case TokenKind::kNumber:
    case TokenKind::kAdd:
    case TokenKind::kSub:
      return ParseNumberOperand();
    case TokenKind::kRangeOp:
      return ParseRangeAggregation();
    case TokenKind::kVectorOp:
      return ParseVectorAggregation();
    case TokenKind::kLabelReplace:
      return ParseLabelReplace();
    case TokenKind::kVector:
      return ParseVectorLiteral();
    default:
      return in_.Unexpected();
  }
}

Result<Tree> Parser::ParseParenthesised() {
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  SKALD_ASSIGN_OR_RETURN(Tree inner, ParseNested());
  if (!in_.Accept(TokenKind::kCloseParen)) return in_.Unexpected();
  return inner;
}

Result<Tree> Parser::ParseNumberOperand() {
  const bool negative = in_.At(TokenKind::kSub);
  if (negative || in_.At(TokenKind::kAdd)) in_.Advance();
  SKALD_ASSIGN_OR_RETURN(const std::string text, in_.ExpectText(TokenKind::kNumber));
  SKALD_ASSIGN_OR_RETURN(const double value, ParseLiteral(text));
  return Tree{MakeExpr(Literal{negative ? -value : value})};
}

// op [grouping] ( [number ,] expr ) [grouping]
Result<Tree> Parser::ParseVectorAggregation() {
  VectorAggregation aggregation;
  aggregation.op = VectorOpOf(in_.current().text);
  in_.Advance();
  SKALD_ASSIGN_OR_RETURN(aggregation.grouping, ParseGrouping());
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  std::optional<std::string> parameter;
  std::optional<Tree> begin;
  if (in_.At(TokenKind::kNumber)) {
    // A parameter if a comma follows, else the number that the operand begins with.
    SKALD_ASSIGN_OR_RETURN(std::string number, in_.ExpectText(TokenKind::kNumber));
    if (in_.Accept(TokenKind::kComma)) {
      parameter = std::move(number);
    } else {
      SKALD_ASSIGN_OR_RETURN(const double value, ParseLiteral(number));
      begin = Tree{MakeExpr(Literal{value})};
    }
  }
  SKALD_ASSIGN_OR_RETURN(Tree operand, ParseMetricArgument(std::move(begin)));
  if (!in_.Accept(TokenKind::kCloseParen)) return in_.Unexpected();
  if (!aggregation.grouping) {
    SKALD_ASSIGN_OR_RETURN(aggregation.grouping, ParseGrouping());
  }
  SKALD_ASSIGN_OR_RETURN(
      aggregation.parameter,
      CheckVectorAggregation(aggregation.op, aggregation.grouping.has_value(), parameter));
  aggregation.operand = std::move(operand.expr);
  return Tree{MakeExpr(std::move(aggregation)), operand.depth + 1};
}

// What stands in parentheses; `begin` is its first operand, if read already.
Result<Tree> Parser::ParseNested(std::optional<Tree> begin) {
  if (depth_ == kMaxDepth) return TooDeep();
  ++depth_;
  SKALD_ASSIGN_OR_RETURN(Tree tree, begin ? ParseOperators(*std::move(begin), 1) : ParseExpr(1));
  --depth_;
  return tree;
}

// As ParseNested, but no log query, and one level more must fit above.
Result<Tree> Parser::ParseMetricArgument(std::optional<Tree> begin) {
  SKALD_ASSIGN_OR_RETURN(Tree tree, ParseNested(std::move(begin)));
  if (IsLogExpr(*tree.expr)) return in_.Unexpected();
  if (tree.depth >= kMaxDepth) return TooDeep();
  return tree;
}

Result<Tree> Parser::ParseLabelReplace() {
  in_.Advance();
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  SKALD_ASSIGN_OR_RETURN(Tree operand, ParseMetricArgument());
  LabelReplace replace;
  bool first = true;
  for (std::string* argument :
       {&replace.destination, &replace.replacement, &replace.source, &replace.pattern}) {
    if (!in_.Accept(TokenKind::kComma)) {
      return first ? in_.Unexpected() : in_.Unexpected({TokenKind::kComma});
    }
    first = false;
    SKALD_ASSIGN_OR_RETURN(*argument, in_.ExpectText(TokenKind::kString));
  }
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kCloseParen));
  // Anchored by hand: unlike in matchers `.` stops at newlines here, and errors show the anchors.
  auto regex = Regex::Compile("^(?:" + replace.pattern + ")$");
  if (!regex.ok()) {
    return ParseError("invalid regex in label_replace: " + std::string(regex.status().message()));
  }
  replace.regex = *std::move(regex);
  replace.operand = std::move(operand.expr);
  return Tree{MakeExpr(std::move(replace)), operand.depth + 1};
}

Result<Tree> Parser::ParseVectorLiteral() {
  in_.Advance();
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  SKALD_ASSIGN_OR_RETURN(const std::string text, in_.ExpectText(TokenKind::kNumber));
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kCloseParen));
  SKALD_ASSIGN_OR_RETURN(const double value, ParseLiteral(text));
  return Tree{MakeExpr(VectorLiteral{value})};
}

// op ( [number ,] range ) [grouping]; count_distinct_over_time ( label , range ) [grouping]
Result<Tree> Parser::ParseRangeAggregation() {
  RangeAggregation aggregation;
  aggregation.op = RangeOpOf(in_.current().text);
  const bool takes_field = aggregation.op == RangeOp::kCountDistinct;
  if (takes_field && extensions_ == Extensions::kOff) {
    // For Loki the name is a label's.
    return SwitchedOff(in_.UnexpectedAs(TokenKind::kIdentifier), in_.current().text);
  }
  in_.Advance();
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  std::optional<std::string> parameter;
  if (takes_field) {
    SKALD_ASSIGN_OR_RETURN(aggregation.field, in_.ExpectText(TokenKind::kIdentifier));
    SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kComma));
  } else if (in_.At(TokenKind::kNumber)) {
    SKALD_ASSIGN_OR_RETURN(parameter, in_.ExpectText(TokenKind::kNumber));
    SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kComma));
  }
  if (!in_.At(TokenKind::kOpenBrace) && !in_.At(TokenKind::kOpenParen)) {
    return parameter || takes_field
               ? in_.Unexpected({TokenKind::kOpenBrace, TokenKind::kOpenParen})
               : in_.Unexpected({TokenKind::kNumber, TokenKind::kOpenBrace, TokenKind::kOpenParen});
  }
  SKALD_ASSIGN_OR_RETURN(aggregation.range, stages_.ParseLogRange());
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kCloseParen));
  SKALD_ASSIGN_OR_RETURN(aggregation.grouping, ParseGrouping());
  SKALD_RETURN_IF_ERROR(CheckRangeAggregation(aggregation, parameter));
  if (parameter) {
    SKALD_ASSIGN_OR_RETURN(aggregation.parameter, ParseLiteral(*parameter));
  }
  return Tree{MakeExpr(std::move(aggregation))};
}

Result<Tree> Parser::ParseLogExpr() {
  LogExpr log;
  SKALD_ASSIGN_OR_RETURN(log.matchers, stages_.ParseSelector());
  SKALD_ASSIGN_OR_RETURN(const bool at_unwrap, stages_.ParsePipeline(log.stages));
  if (at_unwrap) return in_.Unexpected();
  return Tree{MakeExpr(std::move(log))};
}

Result<std::optional<Grouping>> Parser::ParseGrouping() {
  std::optional<Grouping> grouping;
  const bool without = in_.At(TokenKind::kWithout);
  if (!without && !in_.At(TokenKind::kBy)) return grouping;
  in_.Advance();
  grouping.emplace().without = without;
  SKALD_ASSIGN_OR_RETURN(grouping->labels, ParseLabelList());
  return grouping;
}

// ( [name {, name}] )
Result<std::vector<std::string>> Parser::ParseLabelList() {
  std::vector<std::string> labels;
  SKALD_RETURN_IF_ERROR(in_.Expect(TokenKind::kOpenParen));
  if (in_.Accept(TokenKind::kCloseParen)) return labels;
  if (!in_.At(TokenKind::kIdentifier)) {
    return in_.Unexpected({TokenKind::kIdentifier, TokenKind::kCloseParen});
  }
  do {
    SKALD_ASSIGN_OR_RETURN(std::string label, in_.ExpectText(TokenKind::kIdentifier));
    labels.push_back(std::move(label));
  } while (in_.Accept(TokenKind::kComma));
  if (!in_.Accept(TokenKind::kCloseParen)) {
    return in_.Unexpected({TokenKind::kComma, TokenKind::kCloseParen});
  }
  return labels;
}

Result<ExprPtr> ParseQuery(std::string_view query, Extensions extensions) {
  if (query.size() >= kMaxQueryBytes) {
    return ParseError("input size too long (" + std::to_string(query.size()) + " > " +
                      std::to_string(kMaxQueryBytes) + ")");
  }
  return Parser(query, extensions).Parse();
}

}  // namespace

Result<std::shared_ptr<const Expr>> Parse(std::string_view query, const ParseOptions& options) {
  SKALD_ASSIGN_OR_RETURN(ExprPtr expr, ParseQuery(query, options.extensions));
  SKALD_RETURN_IF_ERROR(Validate(*expr, options.extensions, options.empty_selector));
  return std::shared_ptr<const Expr>(std::move(expr));
}

Result<std::shared_ptr<const Expr>> ParseUnchecked(std::string_view query) {
  SKALD_ASSIGN_OR_RETURN(ExprPtr expr, ParseQuery(query, Extensions::kOn));
  return std::shared_ptr<const Expr>(std::move(expr));
}

Result<model::Matchers> ParseSelector(std::string_view text, bool allow_empty) {
  SKALD_ASSIGN_OR_RETURN(ExprPtr expr, ParseQuery(text, Extensions::kOn));
  LogExpr* log = std::get_if<LogExpr>(&expr->node);
  if (log == nullptr || !log->stages.empty()) {
    return InvalidArgument("only label matchers are supported");
  }
  if (!allow_empty) SKALD_RETURN_IF_ERROR(CheckSelector(log->matchers));
  return std::move(log->matchers);
}

}  // namespace skald::logql

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/regex.h"
#include "model/matcher.h"

// The syntax tree of LogQL: plain values, owned top down. Built by parser.h, printed by
// printer.h, checked by validator.h.
//
// Threads: immutable once parsed; any thread may read.

namespace skald::logql {

// Line filters: |= != |~ !~ |> !>

enum class LineFilterOp { kContains, kNotContains, kRegex, kNotRegex, kPattern, kNotPattern };

struct LineFilterArg {
  std::string text;
  bool ip = false;  // ip("text")
};

// `op a or b or c`: the operator holds for all alternatives. Positive: any of them; negative: none.
struct LineFilter {
  LineFilterOp op = LineFilterOp::kContains;
  std::vector<LineFilterArg> alternatives;
};

// Label filters

enum class CompareOp { kEqual, kNotEqual, kGreater, kGreaterEqual, kLess, kLessEqual };

struct LabelFilter;

struct StringLabelFilter {
  model::Matcher matcher;
};
struct NumberLabelFilter {
  std::string name;
  CompareOp op = CompareOp::kEqual;
  double value = 0;
};
struct DurationLabelFilter {
  std::string name;
  CompareOp op = CompareOp::kEqual;
  int64_t nanoseconds = 0;
};
struct BytesLabelFilter {
  std::string name;
  CompareOp op = CompareOp::kEqual;
  uint64_t bytes = 0;
};
struct IpLabelFilter {
  std::string name;
  bool negated = false;
  std::string pattern;
};
struct BinaryLabelFilter {
  bool is_or = false;
  std::unique_ptr<LabelFilter> left;
  std::unique_ptr<LabelFilter> right;
};

struct LabelFilter {
  std::variant<StringLabelFilter, NumberLabelFilter, DurationLabelFilter, BytesLabelFilter,
               IpLabelFilter, BinaryLabelFilter>
      node;
};

// The other stages

// `name="expression"`; a bare `name` is name="name".
struct Extraction {
  std::string name;
  std::string expression;
};

struct JsonParser {
  std::vector<Extraction> extractions;  // Empty: everything.
};
struct LogfmtParser {
  bool strict = false;
  bool keep_empty = false;
  std::vector<Extraction> extractions;
};
struct RegexpParser {
  std::string pattern;
};
struct PatternParser {
  std::string pattern;
};
struct UnpackParser {};
struct Decolorize {};
struct LineFormat {
  std::string text;
};
struct LabelFormat {
  struct Item {
    std::string name;
    bool rename = false;  // name=value with `value` a label's name; else a template's text.
    std::string value;
  };
  std::vector<Item> items;
};
// `name`, or a matcher on it.
struct NameOrMatcher {
  std::string name;
  std::optional<model::Matcher> matcher;
};
struct DropLabels {
  std::vector<NameOrMatcher> items;
};
struct KeepLabels {
  std::vector<NameOrMatcher> items;
};

// Skald's own stages (EXTENSIONS.md). They see all entries that get to them, in order, where the
// others see each entry by itself: they stand in log queries alone.

// `| distinct a,b`
struct Distinct {
  std::vector<std::string> fields;
};
// `| sort by a desc`
struct SortBy {
  std::string field;
  bool descending = false;
};
// `| limit 10`
struct LimitEntries {
  uint32_t count = 0;
};

using Stage = std::variant<LineFilter, LabelFilter, JsonParser, LogfmtParser, RegexpParser,
                           PatternParser, UnpackParser, Decolorize, LineFormat, LabelFormat,
                           DropLabels, KeepLabels, Distinct, SortBy, LimitEntries>;

// Whether it is one of Skald's own that work on the answer as it is at their place.
bool IsAnswerStage(const Stage& stage);

struct LogExpr {
  model::Matchers matchers;
  std::vector<Stage> stages;
};

// Metric expressions

enum class UnwrapConversion { kNone, kBytes, kDuration, kDurationSeconds };

struct Unwrap {
  std::string label;
  UnwrapConversion conversion = UnwrapConversion::kNone;
  std::vector<LabelFilter> filters;  // After the unwrap.
};

struct LogRange {
  LogExpr log;
  int64_t range_ns = 0;
  int64_t offset_ns = 0;  // Positive: into the past.
  std::optional<Unwrap> unwrap;
};

struct Grouping {
  bool without = false;
  std::vector<std::string> labels;
};

enum class RangeOp {
  kCount,
  kRate,
  kRateCounter,
  kBytes,
  kBytesRate,
  kAvg,
  kSum,
  kMin,
  kMax,
  kStdvar,
  kStddev,
  kQuantile,
  kFirst,
  kLast,
  kAbsent,
  kCountDistinct,  // Skald's own.
};
// "count_over_time" ...
std::string_view RangeOpName(RangeOp op);

enum class VectorOp {
  kSum,
  kAvg,
  kMax,
  kMin,
  kCount,
  kStddev,
  kStdvar,
  kTopk,
  kBottomk,
  kSort,
  kSortDesc,
  kApproxTopk,
};
// "sum" ...
std::string_view VectorOpName(VectorOp op);

enum class BinaryOp {
  kOr,
  kAnd,
  kUnless,
  kEq,
  kNotEq,
  kLess,
  kLessEq,
  kGreater,
  kGreaterEq,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,
};
// "or", "==", "+" ...
std::string_view BinaryOpText(BinaryOp op);
bool IsComparison(BinaryOp op);
bool IsSetOp(BinaryOp op);

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct RangeAggregation {
  RangeOp op = RangeOp::kCount;
  std::optional<double> parameter;  // quantile_over_time's.
  std::string field;                // count_distinct_over_time's.
  LogRange range;
  std::optional<Grouping> grouping;
};

struct VectorAggregation {
  VectorOp op = VectorOp::kSum;
  std::optional<double> parameter;  // topk's k; an integer.
  std::optional<Grouping> grouping;
  ExprPtr operand;
};

enum class Cardinality { kOneToOne, kManyToOne, kOneToMany };  // -, group_left, group_right.

struct VectorMatching {
  Cardinality cardinality = Cardinality::kOneToOne;
  bool on = false;  // Else ignoring.
  std::vector<std::string> labels;
  std::vector<std::string> include;  // group_left(...)'s list.
};

struct BinaryExpr {
  BinaryOp op = BinaryOp::kAdd;
  bool return_bool = false;
  std::optional<VectorMatching> matching;
  ExprPtr left;
  ExprPtr right;
};

struct Literal {
  double value = 0;
};
struct VectorLiteral {
  double value = 0;
};
struct LabelReplace {
  ExprPtr operand;
  std::string destination;
  std::string replacement;
  std::string source;
  std::string pattern;
  std::shared_ptr<const Regex> regex;
};

struct Expr {
  std::variant<LogExpr, RangeAggregation, VectorAggregation, BinaryExpr, Literal, VectorLiteral,
               LabelReplace>
      node;
};

inline bool IsLogExpr(const Expr& expr) { return std::holds_alternative<LogExpr>(expr.node); }

// Calls `visit` on every selector with stages in `expr`, left to right.
template <typename F>
void ForEachLogExpr(const Expr& expr, F&& visit) {
  struct Walker {
    F& visit;
    void operator()(const LogExpr& e) const { visit(e); }
    void operator()(const RangeAggregation& e) const { visit(e.range.log); }
    void operator()(const VectorAggregation& e) const { std::visit(*this, e.operand->node); }
    void operator()(const BinaryExpr& e) const {
      std::visit(*this, e.left->node);
      std::visit(*this, e.right->node);
    }
    void operator()(const Literal&) const {}
    void operator()(const VectorLiteral&) const {}
    void operator()(const LabelReplace& e) const { std::visit(*this, e.operand->node); }
  };
  std::visit(Walker{visit}, expr.node);
}

}  // namespace skald::logql

// PrettyPrint: what is too long for one line is split, its parts one level deeper. For example
//
//   sum by (app)(
//     quantile_over_time(
//       0.99,
//       {app="web"}
//         | json
//         | unwrap took [5m] offset 1h
//     ) by (app, pod)
//   )

#include <string>

#include "common/duration.h"
#include "common/quote.h"
#include "logql/printer.h"

namespace skald::logql {
namespace {

constexpr size_t kLineLength = 100;  // As the reference splits.

int LevelOf(BinaryOp op) {
  if (op == BinaryOp::kOr) return 1;
  if (IsSetOp(op)) return 2;
  if (IsComparison(op)) return 3;
  if (op == BinaryOp::kAdd || op == BinaryOp::kSub) return 4;
  return op == BinaryOp::kPow ? 6 : 5;
}

// Whether `operand` would be read differently without parentheses.
bool NeedsParentheses(const BinaryExpr& parent, const Expr& operand, bool on_the_right) {
  const BinaryExpr* child = std::get_if<BinaryExpr>(&operand.node);
  if (child == nullptr) return false;
  const int difference = LevelOf(child->op) - LevelOf(parent.op);
  if (difference != 0) return difference < 0;
  return on_the_right != (parent.op == BinaryOp::kPow);
}

// Compat: as ranges are written, unlike on one line; these end at milliseconds.
std::string OffsetText(Nanoseconds offset) {
  const bool exact = offset % std::chrono::milliseconds(1) == Nanoseconds::zero();
  return exact ? FormatPrometheusDuration(offset) : FormatGoDuration(offset);
}

// Appends lines, the last without its end.
//
// Ownership: borrows `out`.
// Threads:   not synchronised.
class PrettyPrinter {
 public:
  explicit PrettyPrinter(std::string& out) : out_(out) {}

  void Expression(const Expr& expr) {
    std::string line = Print(expr);
    if (line.size() <= kLineLength) {
      Line(line);
    } else {
      std::visit(*this, expr.node);
    }
  }

  void operator()(const LogExpr& log) {
    Line(model::ToString(log.matchers));
    ++level_;
    for (const Stage& stage : log.stages) {
      out_ += '\n';
      Line(Print(stage));
    }
    --level_;
  }

  void operator()(const RangeAggregation& aggregation) {
    Open(RangeOpName(aggregation.op));
    Parameter(aggregation.parameter);
    if (!aggregation.field.empty()) {
      Line(aggregation.field);
      out_ += ",\n";
    }
    Range(aggregation.range);
    Close();
    if (aggregation.grouping) out_ += " " + Print(*aggregation.grouping, ", ");
  }

  void operator()(const VectorAggregation& aggregation) {
    std::string name(VectorOpName(aggregation.op));
    if (aggregation.grouping) name += " " + Print(*aggregation.grouping, ", ");
    Open(name);
    Parameter(aggregation.parameter);
    Expression(*aggregation.operand);
    Close();
  }

  void operator()(const BinaryExpr& binary) {
    Operand(binary, *binary.left, false);
    out_ += '\n';
    Line(PrintOperator(binary));
    out_ += '\n';
    Operand(binary, *binary.right, true);
  }

  void operator()(const Literal& literal) { Line(PrintNumber(literal.value)); }
  void operator()(const VectorLiteral& vector) { Line(Print(Expr{vector})); }

  void operator()(const LabelReplace& replace) {
    Open("label_replace");
    Expression(*replace.operand);
    for (const std::string* argument :
         {&replace.destination, &replace.replacement, &replace.source, &replace.pattern}) {
      out_ += ",\n";
      Line(GoQuote(*argument));
    }
    Close();
  }

 private:
  void Line(std::string_view text) {
    out_.append(2 * level_, ' ');
    out_ += text;
  }

  void Open(std::string_view name) {
    Line(name);
    out_ += "(\n";
    ++level_;
  }

  void Close() {
    --level_;
    out_ += '\n';
    Line(")");
  }

  void Parameter(const std::optional<double>& parameter) {
    if (!parameter) return;
    Line(PrintNumber(*parameter));
    out_ += ",\n";
  }

  void Operand(const BinaryExpr& parent, const Expr& operand, bool on_the_right) {
    ++level_;
    // On one line an operation has its parentheses anyway.
    const bool parentheses =
        NeedsParentheses(parent, operand, on_the_right) && Print(operand).size() > kLineLength;
    if (parentheses) Open("");
    Expression(operand);
    if (parentheses) Close();
    --level_;
  }

  void Range(const LogRange& range) {
    const bool fits = Print(range).size() <= kLineLength;
    if (fits) {
      Line(Print(range.log));
    } else {
      (*this)(range.log);
    }
    ++level_;
    if (range.unwrap) {
      const auto next = [&](const std::string& stage) {
        out_ += fits ? ' ' : '\n';
        if (fits) {
          out_ += stage;
        } else {
          Line(stage);
        }
      };
      next(Print(*range.unwrap));
      for (const LabelFilter& filter : range.unwrap->filters) next("| " + Print(filter));
    }
    --level_;
    out_ += " [" + FormatPrometheusDuration(Nanoseconds(range.range_ns)) + "]";
    if (range.offset_ns == 0) return;
    out_ += " offset " + OffsetText(Nanoseconds(range.offset_ns));
  }

  std::string& out_;
  size_t level_ = 0;
};

}  // namespace

std::string PrettyPrint(const Expr& expr) {
  std::string out;
  PrettyPrinter(out).Expression(expr);
  return out;
}

}  // namespace skald::logql

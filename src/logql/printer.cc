#include "logql/printer.h"

#include <cmath>
#include <cstdio>
#include <string_view>

#include "common/duration.h"
#include "common/json_writer.h"
#include "common/quote.h"

namespace skald::logql {
namespace {

std::string_view LineFilterText(LineFilterOp op) {
  switch (op) {
    case LineFilterOp::kContains:
      return "|=";
    case LineFilterOp::kNotContains:
      return "!=";
    case LineFilterOp::kRegex:
      return "|~";
    case LineFilterOp::kNotRegex:
      return "!~";
    case LineFilterOp::kPattern:
      return "|>";
    case LineFilterOp::kNotPattern:
      return "!>";
  }
  return "";
}

std::string_view CompareText(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
      return "==";
    case CompareOp::kNotEqual:
      return "!=";
    case CompareOp::kGreater:
      return ">";
    case CompareOp::kGreaterEqual:
      return ">=";
    case CompareOp::kLess:
      return "<";
    case CompareOp::kLessEqual:
      return "<=";
  }
  return "";
}

// Humanised and so rounded, as the filter is when it is run. The largest unit is no token: in
// bytes.
std::string SizeText(uint64_t bytes) {
  std::string text = FormatHumanBytes(bytes);
  return text.find('E') == std::string::npos ? text : std::to_string(bytes) + "B";
}

// Six decimals, as the reference writes vector()'s number, unless that would change it.
std::string VectorNumberText(double value) {
  char text[400];  // Fits 309 digits and 6 decimals.
  std::snprintf(text, sizeof text, "%f", value);
  return std::strtod(text, nullptr) == value ? text : PrintNumber(value);
}

void AppendIp(std::string& out, std::string_view pattern) {
  out += "ip(";
  AppendGoQuoted(out, pattern);
  out += ')';
}

void AppendList(std::string& out, const std::vector<std::string>& names,
                std::string_view separator) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += separator;
    out += names[i];
  }
}

// Appends the canonical text of whatever it is called with.
//
// Ownership: borrows `out`.
// Threads:   not synchronised.
class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  // Stages, the bar included.

  void operator()(const LineFilter& filter) {
    out_ += LineFilterText(filter.op);
    for (size_t i = 0; i < filter.alternatives.size(); ++i) {
      out_ += i == 0 ? " " : " or ";
      const LineFilterArg& arg = filter.alternatives[i];
      if (arg.ip) {
        AppendIp(out_, arg.text);
      } else {
        AppendGoQuoted(out_, arg.text);
      }
    }
  }
  void operator()(const LabelFilter& filter) {
    out_ += "| ";
    Filter(filter);
  }
  void operator()(const JsonParser& json) {
    out_ += "| json";
    Extractions(json.extractions);
  }
  void operator()(const LogfmtParser& logfmt) {
    out_ += "| logfmt";
    if (logfmt.strict) out_ += " --strict";
    if (logfmt.keep_empty) out_ += " --keep-empty";
    Extractions(logfmt.extractions);
  }
  void operator()(const RegexpParser& regexp) { WithText("| regexp ", regexp.pattern); }
  void operator()(const PatternParser& pattern) { WithText("| pattern ", pattern.pattern); }
  void operator()(const UnpackParser&) { out_ += "| unpack"; }
  void operator()(const Decolorize&) { out_ += "| decolorize"; }
  void operator()(const LineFormat& format) { WithText("| line_format ", format.text); }
  void operator()(const LabelFormat& format) {
    std::string_view separator = "| label_format ";
    for (const LabelFormat::Item& item : format.items) {
      out_ += separator;
      out_ += item.name;
      out_ += '=';
      if (item.rename) {
        out_ += item.value;
      } else {
        AppendGoQuoted(out_, item.value);
      }
      separator = ",";
    }
  }
  void operator()(const DropLabels& drop) { NamesOrMatchers("| drop ", drop.items); }
  void operator()(const KeepLabels& keep) { NamesOrMatchers("| keep ", keep.items); }
  void operator()(const Distinct& distinct) {
    out_ += "| distinct ";
    AppendList(out_, distinct.fields, ",");
  }
  void operator()(const SortBy& sort) {
    out_ += "| sort by " + sort.field;
    if (sort.descending) out_ += " desc";
  }
  void operator()(const LimitEntries& limit) { out_ += "| limit " + std::to_string(limit.count); }

  void Unwrapped(const Unwrap& unwrap) {
    out_ += "| unwrap ";
    switch (unwrap.conversion) {
      case UnwrapConversion::kNone:
        out_ += unwrap.label;
        return;
      case UnwrapConversion::kBytes:
        out_ += "bytes(";
        break;
      case UnwrapConversion::kDuration:
        out_ += "duration(";
        break;
      case UnwrapConversion::kDurationSeconds:
        out_ += "duration_seconds(";
        break;
    }
    out_ += unwrap.label;
    out_ += ')';
  }

  // Label filters, without the bar.

  void Filter(const LabelFilter& filter) {
    std::visit([this](const auto& node) { Node(node); }, filter.node);
  }
  void Node(const StringLabelFilter& filter) { out_ += filter.matcher.ToString(); }
  void Node(const NumberLabelFilter& filter) {
    out_ += filter.name;
    out_ += CompareText(filter.op);
    AppendSampleValue(out_, filter.value);
  }
  void Node(const DurationLabelFilter& filter) {
    out_ += filter.name;
    out_ += CompareText(filter.op);
    out_ += FormatGoDuration(Nanoseconds(filter.nanoseconds));
  }
  void Node(const BytesLabelFilter& filter) {
    out_ += filter.name;
    out_ += CompareText(filter.op);
    out_ += SizeText(filter.bytes);
  }
  void Node(const IpLabelFilter& filter) {
    out_ += filter.name;
    out_ += filter.negated ? "!=" : "=";
    AppendIp(out_, filter.pattern);
  }
  void Node(const BinaryLabelFilter& filter) {
    out_ += "( ";
    Filter(*filter.left);
    out_ += filter.is_or ? " or " : " , ";
    Filter(*filter.right);
    out_ += " )";
  }

  // Expressions.

  void Expression(const Expr& expr) { std::visit(*this, expr.node); }
  void operator()(const LogExpr& log) {
    out_ += model::ToString(log.matchers);
    for (const Stage& stage : log.stages) {
      out_ += ' ';
      std::visit(*this, stage);
    }
  }
  void Range(const LogRange& range) {
    (*this)(range.log);
    if (range.unwrap) {
      out_ += ' ';
      Unwrapped(*range.unwrap);
      for (const LabelFilter& filter : range.unwrap->filters) {
        out_ += ' ';
        (*this)(filter);
      }
    }
    out_ += '[';
    out_ += FormatPrometheusDuration(Nanoseconds(range.range_ns));
    out_ += ']';
    if (range.offset_ns == 0) return;
    out_ += " offset ";
    out_ += FormatGoDuration(Nanoseconds(range.offset_ns));
  }
  void operator()(const RangeAggregation& aggregation) {
    out_ += RangeOpName(aggregation.op);
    out_ += '(';
    Parameter(aggregation.parameter);
    if (!aggregation.field.empty()) out_ += aggregation.field + ",";
    Range(aggregation.range);
    out_ += ')';
    Grouped(aggregation.grouping);
  }
  void operator()(const VectorAggregation& aggregation) {
    out_ += VectorOpName(aggregation.op);
    Grouped(aggregation.grouping);
    out_ += '(';
    Parameter(aggregation.parameter);
    Expression(*aggregation.operand);
    out_ += ')';
  }
  void operator()(const BinaryExpr& binary) {
    out_ += '(';
    Expression(*binary.left);
    out_ += ' ';
    Operator(binary);
    out_ += ' ';
    Expression(*binary.right);
    out_ += ')';
  }
  void operator()(const Literal& literal) { out_ += PrintNumber(literal.value); }
  void operator()(const VectorLiteral& vector) {
    out_ += "vector(" + VectorNumberText(vector.value) + ")";
  }
  void operator()(const LabelReplace& replace) {
    out_ += "label_replace(";
    Expression(*replace.operand);
    for (const std::string* argument :
         {&replace.destination, &replace.replacement, &replace.source, &replace.pattern}) {
      out_ += ',';
      AppendGoQuoted(out_, *argument);
    }
    out_ += ')';
  }

  void Operator(const BinaryExpr& binary) {
    out_ += BinaryOpText(binary.op);
    if (binary.return_bool) out_ += " bool";
    if (!binary.matching) return;
    const VectorMatching& matching = *binary.matching;
    out_ += matching.on ? " on (" : " ignoring (";
    AppendList(out_, matching.labels, ",");
    out_ += ')';
    if (matching.cardinality == Cardinality::kOneToOne) return;
    out_ += matching.cardinality == Cardinality::kManyToOne ? " group_left (" : " group_right (";
    AppendList(out_, matching.include, ",");
    out_ += ')';
  }

 private:
  void WithText(std::string_view stage, std::string_view text) {
    out_ += stage;
    AppendGoQuoted(out_, text);
  }
  void Extractions(const std::vector<Extraction>& extractions) {
    char separator = ' ';
    for (const Extraction& extraction : extractions) {
      out_ += separator;
      out_ += extraction.name;
      out_ += '=';
      AppendGoQuoted(out_, extraction.expression);
      separator = ',';
    }
  }
  void NamesOrMatchers(std::string_view stage, const std::vector<NameOrMatcher>& items) {
    out_ += stage;
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += ',';
      out_ += items[i].matcher ? items[i].matcher->ToString() : items[i].name;
    }
  }
  void Parameter(const std::optional<double>& parameter) {
    if (parameter) out_ += PrintNumber(*parameter) + ",";
  }
  void Grouped(const std::optional<Grouping>& grouping) {
    if (grouping) out_ += " " + Print(*grouping, ",");
  }

  std::string& out_;
};

}  // namespace

std::string Print(const Expr& expr) {
  std::string out;
  Printer(out).Expression(expr);
  return out;
}

std::string Print(const LogExpr& expr) {
  std::string out;
  Printer{out}(expr);
  return out;
}

std::string Print(const LogRange& range) {
  std::string out;
  Printer(out).Range(range);
  return out;
}

std::string Print(const Stage& stage) {
  std::string out;
  std::visit(Printer(out), stage);
  return out;
}

std::string Print(const LabelFilter& filter) {
  std::string out;
  Printer(out).Filter(filter);
  return out;
}

std::string Print(const Unwrap& unwrap) {
  std::string out;
  Printer(out).Unwrapped(unwrap);
  return out;
}

std::string Print(const Grouping& grouping, std::string_view separator) {
  std::string out = grouping.without ? "without (" : "by (";
  AppendList(out, grouping.labels, separator);
  out += ')';
  return out;
}

std::string PrintOperator(const BinaryExpr& expr) {
  std::string out;
  Printer(out).Operator(expr);
  return out;
}

std::string PrintNumber(double value) {
  // There is no token for these; the quotient and the powers fold to them.
  if (std::isnan(value)) return "(0 / 0)";
  if (std::isinf(value)) return value > 0 ? "(10 ^ 999)" : "(-10 ^ 999)";
  std::string out;
  AppendSampleValue(out, value);
  return out;
}

}  // namespace skald::logql

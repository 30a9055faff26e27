#include "logql/ast_dump.h"

#include <cstdio>
#include <string_view>

#include "common/quote.h"

namespace skald::test {
namespace {

using namespace logql;  // NOLINT: every name below is of that room.

// Numbers to the last bit.
std::string Exact(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}

// Appends `(kind field ...)` for each node.
class Dumper {
 public:
  std::string Take() { return std::move(out_); }

  void Expression(const Expr& expr) { std::visit(*this, expr.node); }

  void operator()(const LogExpr& log) {
    Open("log");
    Matchers(log.matchers);
    for (const Stage& stage : log.stages) std::visit(*this, stage);
    Close();
  }
  void operator()(const RangeAggregation& aggregation) {
    Open(RangeOpName(aggregation.op));
    Parameter(aggregation.parameter);
    if (!aggregation.field.empty()) Text(aggregation.field);
    const LogRange& range = aggregation.range;
    (*this)(range.log);
    Field("range", range.range_ns);
    Field("offset", range.offset_ns);
    if (range.unwrap) {
      Open("unwrap");
      Text(range.unwrap->label);
      Field("conversion", static_cast<int64_t>(range.unwrap->conversion));
      for (const LabelFilter& filter : range.unwrap->filters) (*this)(filter);
      Close();
    }
    Grouped(aggregation.grouping);
    Close();
  }
  void operator()(const VectorAggregation& aggregation) {
    Open(VectorOpName(aggregation.op));
    Parameter(aggregation.parameter);
    Grouped(aggregation.grouping);
    Expression(*aggregation.operand);
    Close();
  }
  void operator()(const BinaryExpr& binary) {
    Open(BinaryOpText(binary.op));
    Field("bool", binary.return_bool);
    if (binary.matching) {
      const VectorMatching& matching = *binary.matching;
      Open(matching.on ? "on" : "ignoring");
      Field("cardinality", static_cast<int64_t>(matching.cardinality));
      for (const std::string& label : matching.labels) Text(label);
      out_ += " |";
      for (const std::string& label : matching.include) Text(label);
      Close();
    }
    Expression(*binary.left);
    Expression(*binary.right);
    Close();
  }
  void operator()(const Literal& literal) { out_ += " " + Exact(literal.value); }
  void operator()(const VectorLiteral& vector) { out_ += " (vector " + Exact(vector.value) + ")"; }
  void operator()(const LabelReplace& replace) {
    Open("label_replace");
    Expression(*replace.operand);
    Text(replace.destination);
    Text(replace.replacement);
    Text(replace.source);
    Text(replace.pattern);
    Field("regex", replace.regex != nullptr);
    Close();
  }

  void operator()(const LineFilter& filter) {
    Open("line_filter");
    Field("op", static_cast<int64_t>(filter.op));
    for (const LineFilterArg& arg : filter.alternatives) {
      Text(arg.text);
      if (arg.ip) out_ += " ip";
    }
    Close();
  }
  void operator()(const LabelFilter& filter) { std::visit(*this, filter.node); }
  void operator()(const StringLabelFilter& filter) {
    Open("string");
    Matcher(filter.matcher);
    Close();
  }
  void operator()(const NumberLabelFilter& filter) {
    Compare("number", filter.name, filter.op);
    out_ += " " + Exact(filter.value);
    Close();
  }
  void operator()(const DurationLabelFilter& filter) {
    Compare("duration", filter.name, filter.op);
    Field("ns", filter.nanoseconds);
    Close();
  }
  void operator()(const BytesLabelFilter& filter) {
    Compare("bytes", filter.name, filter.op);
    out_ += " " + std::to_string(filter.bytes);
    Close();
  }
  void operator()(const IpLabelFilter& filter) {
    Open("ip");
    Text(filter.name);
    Field("negated", filter.negated);
    Text(filter.pattern);
    Close();
  }
  void operator()(const BinaryLabelFilter& filter) {
    Open(filter.is_or ? "or" : "and");
    (*this)(*filter.left);
    (*this)(*filter.right);
    Close();
  }
  void operator()(const JsonParser& json) {
    Open("json");
    Extractions(json.extractions);
    Close();
  }
  void operator()(const LogfmtParser& logfmt) {
    Open("logfmt");
    Field("strict", logfmt.strict);
    Field("keep_empty", logfmt.keep_empty);
    Extractions(logfmt.extractions);
    Close();
  }
  void operator()(const RegexpParser& regexp) { Single("regexp", regexp.pattern); }
  void operator()(const PatternParser& pattern) { Single("pattern", pattern.pattern); }
  void operator()(const UnpackParser&) { out_ += " unpack"; }
  void operator()(const Decolorize&) { out_ += " decolorize"; }
  void operator()(const LineFormat& format) { Single("line_format", format.text); }
  void operator()(const LabelFormat& format) {
    Open("label_format");
    for (const LabelFormat::Item& item : format.items) {
      Open(item.rename ? "rename" : "template");
      Text(item.name);
      Text(item.value);
      Close();
    }
    Close();
  }
  void operator()(const DropLabels& drop) { NamesOrMatchers("drop", drop.items); }
  void operator()(const KeepLabels& keep) { NamesOrMatchers("keep", keep.items); }
  void operator()(const Distinct& distinct) {
    Open("distinct");
    for (const std::string& field : distinct.fields) Text(field);
    Close();
  }
  void operator()(const SortBy& sort) {
    Open("sort");
    Text(sort.field);
    Field("descending", sort.descending);
    Close();
  }
  void operator()(const LimitEntries& limit) {
    Open("limit");
    Field("count", limit.count);
    Close();
  }

 private:
  void Open(std::string_view kind) {
    out_ += " (";
    out_ += kind;
  }
  void Close() { out_ += ')'; }
  void Text(std::string_view text) {
    out_ += ' ';
    AppendGoQuoted(out_, text);
  }
  void Field(std::string_view name, int64_t value) {
    out_ += ' ';
    out_ += name;
    out_ += '=' + std::to_string(value);
  }
  void Single(std::string_view kind, std::string_view text) {
    Open(kind);
    Text(text);
    Close();
  }
  void Compare(std::string_view kind, std::string_view name, CompareOp op) {
    Open(kind);
    Text(name);
    Field("op", static_cast<int64_t>(op));
  }
  void Parameter(const std::optional<double>& parameter) {
    if (parameter) out_ += " parameter=" + Exact(*parameter);
  }
  void Grouped(const std::optional<Grouping>& grouping) {
    if (!grouping) return;
    Open(grouping->without ? "without" : "by");
    for (const std::string& label : grouping->labels) Text(label);
    Close();
  }
  void Matcher(const model::Matcher& matcher) { out_ += ' ' + matcher.ToString(); }
  void Matchers(const model::Matchers& matchers) { out_ += ' ' + model::ToString(matchers); }
  void Extractions(const std::vector<Extraction>& extractions) {
    for (const Extraction& extraction : extractions) {
      Text(extraction.name);
      Text(extraction.expression);
    }
  }
  void NamesOrMatchers(std::string_view kind, const std::vector<NameOrMatcher>& items) {
    Open(kind);
    for (const NameOrMatcher& item : items) {
      Text(item.name);
      if (item.matcher) Matcher(*item.matcher);
    }
    Close();
  }

  std::string out_;
};

}  // namespace

std::string Dump(const Expr& expr) {
  Dumper dumper;
  dumper.Expression(expr);
  return dumper.Take();
}

}  // namespace skald::test

#include "logql/ast_generator.h"

#include <cmath>
#include <memory>
#include <utility>

#include "common/duration.h"
#include "common/regex.h"

namespace skald::test {

using namespace logql;  // NOLINT: every name below is of that room.

namespace {

bool EndsWithName(const std::vector<NameOrMatcher>& items) { return !items.back().matcher; }

// `| drop a` and `!= "x"` after it cannot be told from `| drop a != "x"`.
bool ReadsAsOne(const Stage& first, const Stage& second) {
  const auto* filter = std::get_if<LineFilter>(&second);
  if (filter == nullptr ||
      (filter->op != LineFilterOp::kNotContains && filter->op != LineFilterOp::kNotRegex)) {
    return false;
  }
  const auto* drop = std::get_if<DropLabels>(&first);
  const auto* keep = std::get_if<KeepLabels>(&first);
  return (drop != nullptr && EndsWithName(drop->items)) ||
         (keep != nullptr && EndsWithName(keep->items));
}

}  // namespace

Vocabulary Vocabulary::ForPrinting() {
  return {
      .labels = {"app", "_a1", "rate", "count", "bytes", "ip", "vector", "topk", "__error__",
                 "duration_seconds", "Env", "distinct", "sort", "limit", "asc", "desc",
                 "count_distinct_over_time"},
      .values = {"", "web", "a\"b\\c", "\n\t\x01", "\xff\xfe", "größe", "\u2028 x", "`"},
      .regexes = {"", ".*", ".+", "a|b", "(?i)x[\"`]", "\\d+\\.", "^a$", "[^]a]*"},
      .lines = {"", "error", "a \"quoted\" `word`", "\\", "\xc3(", "or", "# no comment"},
      .line_patterns = {"", "<_>", "a <_> b", "level=<_> <_>"},
      .captures = {"(?P<a>x)", "(?<b>.*) (\\d)(?P<c>)"},
      .patterns = {"<a>", "<_> <a> \"<b_1>\"", "<a><1x>"},
      .templates = {"", "{{.a}}", "{{ .a | ToUpper }}\n", "{{`{{`}}\""},
      .paths = {"a", "a.b[0]", "a[\"b c\"].d"},
      .addresses = {"10.0.0.0/8", "1.2.3.4", "::1-::ff"},
  };
}

std::vector<std::string> AstGenerator::Labels(uint64_t at_most) {
  std::vector<std::string> labels(Below(at_most + 1));
  for (std::string& label : labels) label = Label();
  return labels;
}

double AstGenerator::Number() {
  const double sign = Chance(4) ? -1 : 1;
  switch (Below(5)) {
    case 0:
      return sign * static_cast<double>(Below(10));
    case 1:
      return sign * static_cast<double>(Below(100000)) / 1000;
    case 2:
      return sign * static_cast<double>(random_());
    case 3:
      return sign * std::ldexp(1.0 + static_cast<double>(Below(1000)) / 1000,
                               static_cast<int>(Below(2000)) - 1000);
    default:
      return sign * static_cast<double>(random_()) / 1e19;
  }
}

// Of all magnitudes, from nanoseconds to years.
int64_t AstGenerator::Duration() {
  static constexpr int64_t kUnits[] = {
      1, 1'000, 1'000'000, 1'000'000'000, 60'000'000'000, 3'600'000'000'000, 86'400'000'000'000};
  int64_t ns = 0;
  do {
    ns += kUnits[Below(7)] * static_cast<int64_t>(Below(1000));
  } while (Chance(2));
  return ns;
}

uint64_t AstGenerator::Size() {
  // Of so few digits that the printer has nothing to round.
  static constexpr uint64_t kUnits[] = {1, 500, 1000, 500'000, 1'000'000, 1'000'000'000};
  return kUnits[Below(6)] * Below(20);
}

model::Matcher AstGenerator::AnyMatcher() {
  const auto op = static_cast<model::MatchOp>(Below(4));
  const bool regex = op == model::MatchOp::kRegex || op == model::MatchOp::kNotRegex;
  return *model::Matcher::Make(op, Label(), Pick(regex ? words_.regexes : words_.values));
}

// With one matcher at least that selects.
model::Matchers AstGenerator::Selector() {
  model::Matchers matchers;
  do {
    matchers.push_back(AnyMatcher());
  } while (matchers.back().MatchesEmpty() || Chance(2));
  return matchers;
}

LogExpr AstGenerator::Log() {
  LogExpr log{.matchers = Selector(), .stages = {}};
  while (!Chance(3)) {
    Stage stage = AnyStage();
    if (log.stages.empty() || !ReadsAsOne(log.stages.back(), stage)) {
      log.stages.push_back(std::move(stage));
    }
  }
  return log;
}

LogExpr AstGenerator::LogWithAnswerStages() {
  LogExpr log = Log();
  while (Chance(2)) {
    const auto at = static_cast<std::ptrdiff_t>(Below(log.stages.size() + 1));
    log.stages.insert(log.stages.begin() + at, AnyAnswerStage());
  }
  return log;
}

LineFilter AstGenerator::Line() {
  LineFilter filter{.op = static_cast<LineFilterOp>(Below(6)), .alternatives = {}};
  do {
    if (filter.op <= LineFilterOp::kNotContains && Chance(5)) {
      filter.alternatives.push_back({.text = Pick(words_.addresses), .ip = true});
    } else if (filter.op >= LineFilterOp::kPattern) {
      filter.alternatives.push_back({.text = Pick(words_.line_patterns)});
    } else if (filter.op >= LineFilterOp::kRegex) {
      filter.alternatives.push_back({.text = Pick(words_.regexes)});
    } else {
      filter.alternatives.push_back({.text = Pick(words_.lines)});
    }
  } while (Chance(4));
  return filter;
}

LabelFilter AstGenerator::Comparison() {
  const auto op = static_cast<CompareOp>(Below(6));
  switch (Below(6)) {
    case 0:
      return {NumberLabelFilter{Label(), op, Number()}};
    case 1:
      return {DurationLabelFilter{Label(), op, Chance(8) ? -Duration() : Duration()}};
    case 2:
      return {BytesLabelFilter{Label(), op, Size()}};
    case 3:
      return {IpLabelFilter{Label(), Chance(2), Pick(words_.addresses)}};
    default:
      return {StringLabelFilter{AnyMatcher()}};
  }
}

LabelFilter AstGenerator::Filter(int levels) {
  if (levels == 0 || Chance(2)) return Comparison();
  return {BinaryLabelFilter{Chance(2), std::make_unique<LabelFilter>(Filter(levels - 1)),
                            std::make_unique<LabelFilter>(Filter(levels - 1))}};
}

std::vector<Extraction> AstGenerator::Extractions() {
  std::vector<Extraction> extractions;
  while (Chance(2)) extractions.push_back({Label(), Chance(2) ? Label() : Pick(words_.paths)});
  return extractions;
}

LabelFormat AstGenerator::Format() {
  LabelFormat format;
  do {
    const bool rename = Chance(2);
    format.items.push_back({Label(), rename, rename ? Label() : Pick(words_.templates)});
  } while (Chance(3));
  return format;
}

std::vector<NameOrMatcher> AstGenerator::NamesOrMatchers() {
  std::vector<NameOrMatcher> items;
  do {
    if (Chance(2)) {
      items.push_back({.name = Label(), .matcher = {}});
    } else {
      model::Matcher matcher = AnyMatcher();
      items.push_back({.name = matcher.name(), .matcher = std::move(matcher)});
    }
  } while (Chance(2));
  return items;
}

Stage AstGenerator::AnyStage() {
  switch (Below(16)) {
    case 0:
      return JsonParser{Extractions()};
    case 1:
      return LogfmtParser{Chance(2), Chance(2), Extractions()};
    case 2:
      return RegexpParser{Pick(words_.captures)};
    case 3:
      return PatternParser{Pick(words_.patterns)};
    case 4:
      return UnpackParser{};
    case 5:
      return Decolorize{};
    case 6:
      return LineFormat{Pick(words_.templates)};
    case 7:
      return Format();
    case 8:
      return DropLabels{NamesOrMatchers()};
    case 9:
      return KeepLabels{NamesOrMatchers()};
    case 10:
    case 11:
    case 12:
      return Filter(3);
    default:
      return Line();
  }
}

Stage AstGenerator::AnyAnswerStage() {
  switch (Below(3)) {
    case 0: {
      Distinct distinct;
      do {
        distinct.fields.push_back(Label());
      } while (Chance(3));
      return distinct;
    }
    case 1:
      return SortBy{Label(), Chance(2)};
    default:
      return LimitEntries{static_cast<uint32_t>(1 + Below(Chance(4) ? 4294967295 : 20))};
  }
}

Grouping AstGenerator::AnyGrouping() { return {Chance(3), Labels(3)}; }

Expr AstGenerator::RangeAggregation() {
  logql::RangeAggregation aggregation;
  aggregation.op = static_cast<RangeOp>(Below(16));
  aggregation.range.log = Log();
  aggregation.range.range_ns = Duration() / 1'000'000 * 1'000'000;
  if (Chance(3)) aggregation.range.offset_ns = Chance(4) ? -Duration() : Duration();
  bool unwraps = true;
  bool groups = true;
  switch (aggregation.op) {
    case RangeOp::kCount:
    case RangeOp::kBytes:
    case RangeOp::kBytesRate:
      unwraps = groups = false;
      break;
    case RangeOp::kRate:
    case RangeOp::kAbsent:
      unwraps = Chance(2);
      groups = false;
      break;
    case RangeOp::kRateCounter:
    case RangeOp::kSum:
      groups = false;
      break;
    case RangeOp::kCountDistinct:
      aggregation.field = Label();
      unwraps = false;
      break;
    case RangeOp::kQuantile:
      aggregation.parameter = std::fabs(Number());
      break;
    default:
      break;
  }
  if (unwraps) {
    Unwrap& unwrap = aggregation.range.unwrap.emplace();
    unwrap.label = Label();
    unwrap.conversion = static_cast<UnwrapConversion>(Below(4));
    while (Chance(3)) unwrap.filters.push_back(Filter(2));
  }
  if (groups && Chance(2)) aggregation.grouping = AnyGrouping();
  return {std::move(aggregation)};
}

Expr AstGenerator::VectorAggregation(int levels) {
  logql::VectorAggregation aggregation;
  aggregation.op = static_cast<VectorOp>(Below(12));
  const VectorOp op = aggregation.op;
  if (op == VectorOp::kTopk || op == VectorOp::kBottomk || op == VectorOp::kApproxTopk) {
    aggregation.parameter = static_cast<double>(1 + Below(100));
  }
  const bool groups =
      op != VectorOp::kSort && op != VectorOp::kSortDesc && op != VectorOp::kApproxTopk;
  if (groups && !Chance(3)) aggregation.grouping = AnyGrouping();
  aggregation.operand = Vector(levels - 1);
  return {std::move(aggregation)};
}

Expr AstGenerator::Binary(int levels) {
  BinaryExpr binary;
  binary.op = static_cast<BinaryOp>(Below(15));
  binary.return_bool = Chance(5);
  if (Chance(3)) {
    VectorMatching& matching = binary.matching.emplace();
    matching.on = Chance(2);
    matching.labels = Labels(2);
    matching.cardinality = static_cast<Cardinality>(Below(3));
    if (matching.cardinality != Cardinality::kOneToOne) matching.include = Labels(2);
  }
  binary.left = Vector(levels - 1);
  binary.right = Vector(levels - 1);
  if (!IsSetOp(binary.op) && Chance(3)) {
    (Chance(2) ? binary.left : binary.right)->node = Literal{Number()};
  }
  return {std::move(binary)};
}

Expr AstGenerator::Replace(int levels) {
  LabelReplace replace;
  replace.operand = Vector(levels - 1);
  replace.destination = Label();
  replace.replacement = Pick(words_.values);
  replace.source = Label();
  replace.pattern = Pick(words_.regexes);
  replace.regex = *Regex::Compile("^(?:" + replace.pattern + ")$");
  return {std::move(replace)};
}

ExprPtr AstGenerator::Vector(int levels) {
  Expr expr = Metric(levels);
  while (std::holds_alternative<Literal>(expr.node)) expr = Metric(levels);
  return std::make_unique<Expr>(std::move(expr));
}

Expr AstGenerator::Metric(int levels) {
  if (levels == 0 || Chance(4)) {
    if (Chance(10)) return {Literal{Number()}};
    if (Chance(10)) return {VectorLiteral{std::fabs(Number())}};
    return RangeAggregation();
  }
  switch (Below(5)) {
    case 0:
    case 1:
      return VectorAggregation(levels);
    case 2:
      return Replace(levels);
    default:
      return Binary(levels);
  }
}

}  // namespace skald::test

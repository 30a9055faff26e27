#include "logql/plan/query_plan.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/duration.h"
#include "logql/metric/sample_extractor.h"
#include "logql/metric/shared_ranges.h"
#include "logql/metric/time_cells.h"
#include "logql/metric_query.h"
#include "logql/plan/constant_folding.h"
#include "logql/printer.h"

namespace skald::logql {
namespace {

constexpr std::string_view kConstant = "constant";
constexpr std::string_view kIntoRange = "no work of its own: samples go straight into its groups";

std::string Named(std::string_view name, const std::optional<double>& parameter,
                  const std::optional<Grouping>& grouping) {
  std::string text(name);
  if (parameter) {
    text += " " + PrintNumber(*parameter);
  }
  if (grouping) {
    text += " " + Print(*grouping, ",");
  }
  return text;
}

// Makes operators, and lists the selectors that they read.
class Planner {
 public:
  Planner(const Query& query, QueryPlan& plan) : query_(query), plan_(plan) {}

  PlanOperator Plan(const Expr& expr) { return std::visit(*this, expr.node); }

  PlanOperator operator()(const LogExpr& log) {
    plan_.selectors.push_back({.log = &log,
                               .scan = PlanEntries(log),
                               .range = {query_.start_ns, query_.end_ns},
                               .direction = query_.direction,
                               .unwrap = nullptr});
    return Reading("entries", "");
  }

  PlanOperator operator()(const RangeAggregation& range) { return Range(range, nullptr); }

  PlanOperator operator()(const VectorAggregation& aggregation) {
    PlanOperator made{
        .text = Named(VectorOpName(aggregation.op), aggregation.parameter, aggregation.grouping),
        .operands = {}};
    if (const RangeAggregation* range = SumTakenInto(aggregation); range != nullptr) {
      const Grouping grouping = aggregation.grouping.value_or(Grouping());
      made.note = kIntoRange;
      made.operands.push_back(Range(*range, &grouping));
    } else {
      made.operands.push_back(Plan(*aggregation.operand));
    }
    return made;
  }

  PlanOperator operator()(const BinaryExpr& binary) {
    if (const std::optional<Constant> constant = FoldConstant(binary)) {
      return Folded(*constant);
    }
    PlanOperator made{.text = PrintOperator(binary), .operands = {}};
    made.operands.push_back(Plan(*binary.left));
    made.operands.push_back(Plan(*binary.right));
    return made;
  }

  PlanOperator operator()(const Literal& literal) {
    return Folded({.value = literal.value, .is_vector = false});
  }
  PlanOperator operator()(const VectorLiteral& vector) {
    return Folded({.value = vector.value, .is_vector = true});
  }

  PlanOperator operator()(const LabelReplace& replace) {
    PlanOperator made{.text = "label_replace to " + replace.destination, .operands = {}};
    made.operands.push_back(Plan(*replace.operand));
    return made;
  }

 private:
  static PlanOperator Folded(const Constant& constant) {
    const std::string number = PrintNumber(constant.value);
    return {.text = constant.is_vector ? "vector " + number : number,
            .note = kConstant,
            .operands = {}};
  }

  // Of the selector listed last.
  PlanOperator Reading(std::string text, std::string_view note) const {
    return {.text = std::move(text),
            .note = note,
            .selector = static_cast<int>(plan_.selectors.size()) - 1,
            .operands = {}};
  }

  PlanOperator Range(const RangeAggregation& range, const Grouping* pushed_down) {
    const LogRange& log = range.range;
    plan_.selectors.push_back(
        {.log = &log.log,
         .scan = PlanSamples(range, pushed_down).scan,
         .range = TimeCells(GridOf(query_), log.range_ns, log.offset_ns).range(),
         .direction = model::Direction::kForward,
         .window_ns = log.range_ns,
         .offset_ns = log.offset_ns,
         .unwrap = log.unwrap ? &*log.unwrap : nullptr});
    std::string text = Named(RangeOpName(range.op), range.parameter, range.grouping);
    text += " [" + FormatPrometheusDuration(Nanoseconds(log.range_ns)) + "]";
    if (log.offset_ns != 0) {
      text += " offset " + FormatGoDuration(Nanoseconds(log.offset_ns));
    }
    return Reading(std::move(text), "");
  }

  const Query& query_;
  QueryPlan& plan_;
};

}  // namespace

void ScanForecast::Add(const ScanForecast& other) {
  streams += other.streams;
  chunks += other.chunks;
  packs += other.packs;
  line_bytes += other.line_bytes;
  packs_skipped += other.packs_skipped;
  chunks_skipped += other.chunks_skipped;
  chunks_seen += other.chunks_seen;
  blocks += other.blocks;
  blocks_skipped += other.blocks_skipped;
}

model::ScanRequest SelectorPlan::Request() const {
  model::ScanRequest request = scan.Request(log->matchers);
  request.range = range;
  request.direction = direction;
  return request;
}

ScanPlan ReadPlan::Scan() const {
  const model::ScanRequest& request = shared.request;
  ScanPlan scan;
  scan.columns = request.columns;
  scan.literals = request.literals;
  scan.label_literals = request.label_literals;
  scan.labels = request.labels;
  return scan;
}

const ReadPlan& QueryPlan::ReadOf(size_t selector) const {
  return *std::ranges::find_if(reads, [&](const ReadPlan& read) {
    return std::ranges::find(read.shared.readers, selector) != read.shared.readers.end();
  });
}

QueryPlan PlanQuery(const Query& query) {
  QueryPlan plan;
  plan.text = Print(*query.expr);
  plan.is_log = IsLogExpr(*query.expr);
  plan.is_instant = query.instant;
  if (plan.is_log) {
    plan.start_ns = query.start_ns;
    plan.end_ns = query.end_ns;
    plan.limit = query.limit;
    plan.interval_ns = query.interval_ns;
  } else {
    const StepGrid grid = GridOf(query);
    plan.start_ns = grid.start_ns;
    plan.step_ns = grid.step_ns;
    plan.points = grid.count;
    plan.end_ns = grid.At(grid.count - 1);
  }
  plan.root = Planner(query, plan).Plan(*query.expr);
  std::vector<model::ScanRequest> requests;
  for (const SelectorPlan& selector : plan.selectors) requests.push_back(selector.Request());
  for (SharedRead& read : JoinReads(requests)) {
    plan.reads.push_back({.shared = std::move(read), .forecast = {}});
  }
  return plan;
}

}  // namespace skald::logql

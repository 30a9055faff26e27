#include "ruler/series_labels.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace skald::ruler {
namespace {

using Names = std::set<std::string>;

const SeriesLabels kAny{.all_but = true, .names = {}};

Names NamesOf(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

Names Both(const Names& a, const Names& b) {
  Names both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  return both;
}

Names OnlyFirst(const Names& a, const Names& b) {
  Names rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(rest, rest.end()));
  return rest;
}

SeriesLabels Intersect(const SeriesLabels& a, const SeriesLabels& b) {
  if (!a.all_but && !b.all_but) return {false, Both(a.names, b.names)};
  if (!a.all_but) return {false, OnlyFirst(a.names, b.names)};
  if (!b.all_but) return {false, OnlyFirst(b.names, a.names)};
  Names names = a.names;
  names.insert(b.names.begin(), b.names.end());
  return {true, std::move(names)};
}

SeriesLabels Complement(const SeriesLabels& labels) { return {!labels.all_but, labels.names}; }

SeriesLabels Unite(const SeriesLabels& a, const SeriesLabels& b) {
  return Complement(Intersect(Complement(a), Complement(b)));
}

SeriesLabels Group(const SeriesLabels& labels, const logql::Grouping& grouping) {
  return Intersect(labels, {grouping.without, NamesOf(grouping.labels)});
}

bool KeepsLabels(logql::VectorOp op) {
  switch (op) {
    case logql::VectorOp::kTopk:
    case logql::VectorOp::kBottomk:
    case logql::VectorOp::kApproxTopk:
    case logql::VectorOp::kSort:
    case logql::VectorOp::kSortDesc:
      return true;
    default:
      return false;
  }
}

// The series for what is not there has the labels that were asked for by value.
SeriesLabels Absent(const model::Matchers& matchers) {
  SeriesLabels labels;
  for (const model::Matcher& matcher : matchers) {
    if (matcher.op() == model::MatchOp::kEqual) labels.names.insert(matcher.name());
  }
  return labels;
}

bool IsNumber(const logql::Expr& expr) { return std::holds_alternative<logql::Literal>(expr.node); }

struct Visitor {
  SeriesLabels operator()(const logql::LogExpr&) const { return kAny; }
  SeriesLabels operator()(const logql::Literal&) const { return {}; }
  SeriesLabels operator()(const logql::VectorLiteral&) const { return {}; }

  SeriesLabels operator()(const logql::RangeAggregation& e) const {
    if (e.op == logql::RangeOp::kAbsent) return Absent(e.range.log.matchers);
    return e.grouping.has_value() ? Group(kAny, *e.grouping) : kAny;
  }
  SeriesLabels operator()(const logql::VectorAggregation& e) const {
    const SeriesLabels operand = LabelsOf(*e.operand);
    if (KeepsLabels(e.op)) return operand;
    return e.grouping.has_value() ? Group(operand, *e.grouping) : SeriesLabels();
  }
  SeriesLabels operator()(const logql::LabelReplace& e) const {
    return Unite(LabelsOf(*e.operand), {false, {e.destination}});
  }

  SeriesLabels operator()(const logql::BinaryExpr& e) const {
    const SeriesLabels left = LabelsOf(*e.left);
    const SeriesLabels right = LabelsOf(*e.right);
    if (IsNumber(*e.left)) return right;
    if (IsNumber(*e.right)) return left;
    if (e.op == logql::BinaryOp::kOr) return Unite(left, right);
    if (logql::IsSetOp(e.op)) return left;
    if (!e.matching.has_value()) return Intersect(left, right);
    const SeriesLabels included{false, NamesOf(e.matching->include)};
    if (e.matching->cardinality == logql::Cardinality::kManyToOne) return Unite(left, included);
    if (e.matching->cardinality == logql::Cardinality::kOneToMany) return Unite(right, included);
    return Intersect(left, {!e.matching->on, NamesOf(e.matching->labels)});
  }
};

}  // namespace

SeriesLabels LabelsOf(const logql::Expr& expr) { return std::visit(Visitor(), expr.node); }

}  // namespace skald::ruler

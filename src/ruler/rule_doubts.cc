#include "ruler/rule_doubts.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "logql/parser.h"
#include "ruler/alert_template.h"
#include "ruler/series_labels.h"

namespace skald::ruler {
namespace {

std::string Text(Nanoseconds length) { return FormatPrometheusDuration(length); }

// Calls `visit` on every range aggregation in `expr`.
template <typename Visit>
void ForEachRange(const logql::Expr& expr, const Visit& visit) {
  struct Walker {
    const Visit& visit;
    void operator()(const logql::RangeAggregation& e) const { visit(e); }
    void operator()(const logql::VectorAggregation& e) const { std::visit(*this, e.operand->node); }
    void operator()(const logql::LabelReplace& e) const { std::visit(*this, e.operand->node); }
    void operator()(const logql::BinaryExpr& e) const {
      std::visit(*this, e.left->node);
      std::visit(*this, e.right->node);
    }
    void operator()(const logql::LogExpr&) const {}
    void operator()(const logql::Literal&) const {}
    void operator()(const logql::VectorLiteral&) const {}
  };
  std::visit(Walker{visit}, expr.node);
}

// Whether the matchers leave out next to nothing.
bool SelectsEverything(const model::Matchers& matchers) {
  return std::all_of(matchers.begin(), matchers.end(), [](const model::Matcher& matcher) {
    if (matcher.op() == model::MatchOp::kRegex) {
      return matcher.value() == ".+" || matcher.value() == ".*";
    }
    return matcher.op() != model::MatchOp::kEqual;
  });
}

// The doubts about one rule.
class RuleReview {
 public:
  RuleReview(const RuleGroup& group, const Rule& rule, Nanoseconds interval,
             std::vector<std::string>& doubts)
      : group_(group), rule_(rule), interval_(interval), doubts_(doubts) {}

  void Run() {
    const auto expr = logql::Parse(rule_.expr);
    if (!expr.ok()) return;
    if (rule_.is_alert()) {
      ReviewAlert(**expr);
    } else if (rule_.keep_firing_for.count() != 0) {
      Add("'keep_firing_for' is for alerts: it does nothing here");
    }
    ForEachRange(**expr, [this](const logql::RangeAggregation& range) {
      if (range.range.range_ns >= interval_.count()) return;
      Add("the range [" + Text(Nanoseconds(range.range.range_ns)) +
          "] is shorter than the interval of " + Text(interval_) +
          ": lines between two evaluations are never seen");
    });
    logql::ForEachLogExpr(**expr, [this](const logql::LogExpr& log) {
      if (SelectsEverything(log.matchers)) {
        Add("the selector " + model::ToString(log.matchers) + " reads nearly every stream");
      }
    });
  }

 private:
  void ReviewAlert(const logql::Expr& expr) {
    if (rule_.for_duration.count() == 0) {
      Add("there is no 'for': it fires at the first evaluation that holds");
    } else if (rule_.for_duration < interval_) {
      Add("'for: " + Text(rule_.for_duration) + "' is shorter than the interval of " +
          Text(interval_) + ": it counts as one interval");
    }
    const SeriesLabels kept = LabelsOf(expr);
    ReviewTemplates("label", rule_.labels, kept);
    ReviewTemplates("annotation", rule_.annotations, kept);
  }

  void ReviewTemplates(const std::string& what, const TextMap& texts, const SeriesLabels& kept) {
    for (const auto& [name, text] : texts) {
      const auto parsed = AlertTemplate::Parse(rule_.alert, text);
      if (!parsed.ok()) continue;
      for (const std::string& label : parsed->LabelsUsed()) {
        if (kept.MayHave(label)) continue;
        Add(what + " '" + name + "' shows $labels." + label +
            ", which the expression does not keep");
      }
    }
  }

  void Add(const std::string& doubt) {
    doubts_.push_back(
        AtLine(rule_.line, "group " + group_.name + ": rule " + rule_.name() + ": " + doubt));
  }

  const RuleGroup& group_;
  const Rule& rule_;
  const Nanoseconds interval_;
  std::vector<std::string>& doubts_;
};

}  // namespace

std::vector<std::string> FindDoubts(const std::vector<RuleGroup>& groups, Nanoseconds interval) {
  std::vector<std::string> doubts;
  std::set<std::tuple<bool, std::string, TextMap>> known;
  for (const RuleGroup& group : groups) {
    const Nanoseconds own = group.interval.count() > 0 ? group.interval : interval;
    for (const Rule& rule : group.rules) {
      RuleReview(group, rule, own, doubts).Run();
      if (known.emplace(rule.is_alert(), rule.name(), rule.labels).second) continue;
      doubts.push_back(
          AtLine(rule.line, "group " + group.name + ": rule " + rule.name() +
                                ": another rule of the file has the same name and labels"));
    }
  }
  return doubts;
}

}  // namespace skald::ruler

#include "logql/plan/scan_plan.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "logql/pattern.h"

namespace skald::logql {
namespace {

constexpr std::string_view kExtractedSuffix = "_extracted";

bool IsLineFilter(const Stage& stage) { return std::holds_alternative<LineFilter>(stage); }

bool ChangesLine(const Stage& stage) {
  return std::holds_alternative<LineFormat>(stage) || std::holds_alternative<UnpackParser>(stage) ||
         std::holds_alternative<Decolorize>(stage);
}

// Whether line filters behind the stage stay behind it.
bool StopsLineFilters(const Stage& stage) {
  return std::holds_alternative<LineFormat>(stage) || std::holds_alternative<UnpackParser>(stage) ||
         std::holds_alternative<LabelFilter>(stage);
}

bool IsParser(const Stage& stage) {
  return std::holds_alternative<JsonParser>(stage) || std::holds_alternative<LogfmtParser>(stage) ||
         std::holds_alternative<RegexpParser>(stage) ||
         std::holds_alternative<PatternParser>(stage);
}

void AddItemNames(const std::vector<NameOrMatcher>& items, LabelNeeds& needs) {
  for (const NameOrMatcher& item : items) {
    if (item.matcher) {
      AddName(item.name, needs);
    }
  }
}

void AddStageNames(const Stage& stage, LabelNeeds& needs) {
  if (const auto* filter = std::get_if<LabelFilter>(&stage)) {
    AddFilterNames(*filter, needs);
  } else if (const auto* drop = std::get_if<DropLabels>(&stage)) {
    AddItemNames(drop->items, needs);
  } else if (const auto* keep = std::get_if<KeepLabels>(&stage)) {
    AddItemNames(keep->items, needs);
  } else if (std::holds_alternative<LineFormat>(stage) ||
             std::holds_alternative<LabelFormat>(stage)) {
    needs = {};  // A template may look at every label.
  }
}

// What one alternative of a filter requires; nothing if it may match without any known text.
std::optional<model::RequiredLiteral> RequiredBy(LineFilterOp op, const LineFilterArg& arg) {
  model::RequiredLiteral required;
  if (arg.ip) {
    return std::nullopt;
  }
  if (op == LineFilterOp::kContains) {
    required.any_of = {arg.text};
  } else if (op == LineFilterOp::kRegex) {
    const auto regex = Regex::Compile(arg.text);
    if (!regex.ok()) {
      return std::nullopt;
    }
    required.any_of = (*regex)->required_literals().any_of;
    required.fold_case = (*regex)->required_literals().fold_case;
  } else if (op == LineFilterOp::kPattern) {
    std::string longest;
    for (PatternPart& part : SplitPattern(arg.text)) {
      if (!part.placeholder && part.text.size() > longest.size()) {
        longest = std::move(part.text);
      }
    }
    required.any_of = {std::move(longest)};
  }
  const bool useless =
      required.any_of.empty() || std::any_of(required.any_of.begin(), required.any_of.end(),
                                             [](const std::string& text) { return text.empty(); });
  return useless ? std::nullopt : std::optional(std::move(required));
}

std::optional<model::RequiredLiteral> RequiredBy(const LineFilter& filter) {
  model::RequiredLiteral all;
  for (const LineFilterArg& arg : filter.alternatives) {
    std::optional<model::RequiredLiteral> one = RequiredBy(filter.op, arg);
    if (!one || (!all.any_of.empty() && one->fold_case != all.fold_case)) {
      return std::nullopt;
    }
    all.fold_case = one->fold_case;
    std::move(one->any_of.begin(), one->any_of.end(), std::back_inserter(all.any_of));
  }
  return all;
}

bool NeedsLine(const Stage& stage, const LabelNeeds& needs) {
  return IsLineFilter(stage) || ChangesLine(stage) || std::holds_alternative<LabelFormat>(stage) ||
         (IsParser(stage) && !needs.None());
}

model::ColumnSet ColumnsFor(const ScanPlan& plan, const ScanPurpose& purpose) {
  model::ColumnSet columns;
  columns.lines = purpose.lines ||
                  std::any_of(plan.stages.begin(), plan.stages.end(),
                              [&](const Stage* stage) { return NeedsLine(*stage, plan.needs); });
  columns.line_lengths = columns.lines || purpose.line_lengths;
  columns.all_metadata = plan.needs.all;
  for (const std::string& name : plan.needs.names) {
    columns.metadata.push_back(name);
    if (name.ends_with(kExtractedSuffix)) {
      columns.metadata.push_back(name.substr(0, name.size() - kExtractedSuffix.size()));
    }
  }
  return columns;
}

}  // namespace

void AddName(std::string_view name, LabelNeeds& needs) {
  if (needs.all) {
    return;
  }
  const auto at = std::lower_bound(needs.names.begin(), needs.names.end(), name);
  if (at == needs.names.end() || *at != name) {
    needs.names.emplace(at, name);
  }
}

void AddFilterNames(const LabelFilter& filter, LabelNeeds& needs) {
  struct Visitor {
    LabelNeeds& needs;
    void operator()(const StringLabelFilter& f) const { AddName(f.matcher.name(), needs); }
    void operator()(const NumberLabelFilter& f) const { AddName(f.name, needs); }
    void operator()(const DurationLabelFilter& f) const { AddName(f.name, needs); }
    void operator()(const BytesLabelFilter& f) const { AddName(f.name, needs); }
    void operator()(const IpLabelFilter& f) const { AddName(f.name, needs); }
    void operator()(const BinaryLabelFilter& f) const {
      std::visit(*this, f.left->node);
      std::visit(*this, f.right->node);
    }
  };
  std::visit(Visitor{needs}, filter.node);
}

std::vector<const Stage*> OrderStages(const std::vector<Stage>& stages) {
  std::vector<const Stage*> ordered;
  size_t line_filters = 0;  // At the front of `ordered`.
  bool line_changed = false;
  for (const Stage& stage : stages) {
    if (!IsLineFilter(stage)) {
      ordered.push_back(&stage);
      line_changed = line_changed || ChangesLine(stage);
      continue;
    }
    size_t at = ordered.size();
    while (at > 0 && !StopsLineFilters(*ordered[at - 1]) && !IsLineFilter(*ordered[at - 1])) {
      --at;
    }
    if (!line_changed || at <= line_filters) {
      at = line_filters++;
    }
    ordered.insert(ordered.begin() + static_cast<std::ptrdiff_t>(at), &stage);
  }
  return ordered;
}

std::vector<model::RequiredLiteral> RequiredLiterals(const std::vector<const Stage*>& stages) {
  std::vector<model::RequiredLiteral> literals;
  for (const Stage* stage : stages) {
    if (ChangesLine(*stage)) {
      break;
    }
    if (const auto* filter = std::get_if<LineFilter>(stage)) {
      if (std::optional<model::RequiredLiteral> required = RequiredBy(*filter)) {
        literals.push_back(*std::move(required));
      }
    }
  }
  return literals;
}

ScanPlan PlanScan(const LogExpr& log, const ScanPurpose& purpose) {
  ScanPlan plan;
  plan.stages = OrderStages(log.stages);
  plan.needs = purpose.labels;
  for (const Stage& stage : log.stages) {
    AddStageNames(stage, plan.needs);
  }
  plan.columns = ColumnsFor(plan, purpose);
  plan.literals = RequiredLiterals(plan.stages);
  return plan;
}

}  // namespace skald::logql

#include "logql/plan/scan_plan.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "logql/plan/line_requirements.h"
#include "logql/plan/stage_facts.h"
#include "logql/plan/stage_order.h"
#include "logql/stages/field_excerpt.h"

namespace skald::logql {
namespace {

constexpr std::string_view kExtractedSuffix = "_extracted";
constexpr size_t kMinLineLiteral = 2;  // Bytes: single ones are in nearly every line.

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
             std::holds_alternative<LabelFormat>(stage) || !IsRowByRow(stage)) {
    needs = {};  // A template may look at every label.
  }
}

bool NeedsLine(const Stage& stage, const LabelNeeds& needs) {
  return IsLineFilter(stage) || ChangesLine(stage) || std::holds_alternative<LabelFormat>(stage) ||
         (ParsesLine(stage) && !needs.None());
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

// What is looked at of lines, if that is what one parser reads. Null: all of them.
std::shared_ptr<const model::LineExcerpt> ExcerptOf(const ScanPlan& plan,
                                                    const ScanPurpose& purpose) {
  if (purpose.lines) return nullptr;
  const Stage* reader = nullptr;
  for (const Stage* stage : plan.stages) {
    if (!IsRowByRow(*stage)) return nullptr;
    if (!NeedsLine(*stage, plan.needs)) continue;
    if (reader != nullptr) return nullptr;
    reader = stage;
  }
  return reader != nullptr ? ExcerptFor(*reader, plan.needs) : nullptr;
}

// What filters on labels require, as long as rows are treated one by one.
LabelRequirements Requirements(const std::vector<const Stage*>& stages, const Unwrap* unwrap) {
  LabelRequirements all;
  std::vector<const Stage*> before;
  for (const Stage* stage : stages) {
    if (!IsRowByRow(*stage)) {
      return all;
    }
    if (const auto* filter = std::get_if<LabelFilter>(stage)) {
      Append(RequirementsOf(*filter, before), all);
    }
    before.push_back(stage);
  }
  if (unwrap != nullptr) {
    Append(RequirementsOfPresence(unwrap->label, before), all);
    for (const LabelFilter& filter : unwrap->filters) {
      Append(RequirementsOf(filter, before), all);
    }
  }
  return all;
}

bool IsWorthASearch(const model::LabelLiteral& literal) {
  return !literal.literal.fold_case &&
         std::all_of(literal.literal.any_of.begin(), literal.literal.any_of.end(),
                     [](const std::string& text) { return text.size() >= kMinLineLiteral; });
}

bool Same(const model::LabelLiteral& a, const model::LabelLiteral& b) {
  return a.literal.any_of == b.literal.any_of && a.literal.fold_case == b.literal.fold_case &&
         a.unless_labels == b.unless_labels;
}

void AddOnce(const std::vector<model::LabelLiteral>& more, std::vector<model::LabelLiteral>& all) {
  for (const model::LabelLiteral& one : more) {
    if (std::none_of(all.begin(), all.end(), [&](const auto& other) { return Same(one, other); })) {
      all.push_back(one);
    }
  }
}

void AddRequirements(const Unwrap* unwrap, ScanPlan& plan) {
  LabelRequirements required = Requirements(plan.stages, unwrap);
  plan.labels = std::move(required.labels);
  AddOnce(required.values, plan.label_literals);
  std::copy_if(plan.label_literals.begin(), plan.label_literals.end(),
               std::back_inserter(plan.line_literals), IsWorthASearch);
  AddOnce(required.keys, plan.label_literals);
}

}  // namespace

model::ScanRequest ScanPlan::Request(const model::Matchers& matchers) const {
  model::ScanRequest request;
  request.matchers = matchers;
  request.columns = columns;
  request.excerpt = excerpt;
  request.literals = literals;
  request.label_literals = label_literals;
  request.labels = labels;
  return request;
}

ScanPlan PlanScan(const LogExpr& log, const ScanPurpose& purpose) {
  ScanPlan plan;
  for (const OrderedStage& ordered : OrderStages(log)) {
    if (!ordered.why.empty()) {
      plan.moves.push_back({.from = static_cast<size_t>(ordered.stage - log.stages.data()),
                            .to = plan.stages.size(),
                            .why = ordered.why});
    }
    plan.stages.push_back(ordered.stage);
  }
  plan.needs = purpose.labels;
  for (const Stage& stage : log.stages) {
    AddStageNames(stage, plan.needs);
  }
  if (purpose.unwrap != nullptr) {
    AddName(purpose.unwrap->label, plan.needs);
    for (const LabelFilter& filter : purpose.unwrap->filters) {
      AddFilterNames(filter, plan.needs);
    }
  }
  plan.columns = ColumnsFor(plan, purpose);
  plan.excerpt = ExcerptOf(plan, purpose);
  plan.literals = LiteralsOfLineFilters(plan.stages);
  AddRequirements(purpose.unwrap, plan);
  return plan;
}

ScanPlan PlanEntries(const LogExpr& log) {
  return PlanScan(log, {.lines = true, .line_lengths = true, .labels = {}});
}

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
  for (const std::string& name : NamesOf(filter)) {
    AddName(name, needs);
  }
}

}  // namespace skald::logql

#include "logql/stages/pipeline.h"

#include <string>
#include <utility>

#include "logql/printer.h"
#include "logql/stages/early_filter.h"
#include "logql/stages/stage_factory.h"

namespace skald::logql {

namespace {

// Of these a row may take 50 us, with regexReplaceAll for one: 128 are some milliseconds.
constexpr size_t kTemplateRows = 128;

bool RunsTemplates(const Stage& stage) {
  return std::holds_alternative<LineFormat>(stage) || std::holds_alternative<LabelFormat>(stage);
}

bool Parses(const Stage& stage) {
  return std::holds_alternative<JsonParser>(stage) || std::holds_alternative<LogfmtParser>(stage) ||
         std::holds_alternative<RegexpParser>(stage) ||
         std::holds_alternative<PatternParser>(stage) ||
         std::holds_alternative<UnpackParser>(stage);
}

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::Make(
    const std::vector<const Stage*>& stages, const LabelNeeds& needs,
    const std::vector<model::LabelLiteral>& line_literals, RowMarks* marks) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline(marks));
  for (size_t at = 0; at < stages.size(); ++at) {
    const Status status = pipeline->Append(stages, at, needs);
    if (!status.ok()) {
      return InvalidArgument("parse error : stage '" + Print(*stages[at]) +
                             "' : " + std::string(status.message()));
    }
  }
  for (const model::LabelLiteral& literal : line_literals) {
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LinePrefilter> prefilter, LinePrefilter::Make(literal));
    pipeline->prefilters_.push_back(std::move(prefilter));
  }
  return pipeline;
}

Status Pipeline::Append(const std::vector<const Stage*>& stages, size_t at,
                        const LabelNeeds& needs) {
  const Stage& stage = *stages[at];
  const auto* filter = std::get_if<LineFilter>(&stage);
  if (filter != nullptr && stages_.empty()) {
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LineFilterStage> made, LineFilterStage::Make(*filter));
    line_filters_.push_back(std::move(made));
    return Status();
  }
  if (marks_ != nullptr && IsAnswerStage(stage)) {
    stages_.push_back(marks_->Add(stage, slice_.labels()));
    return Status();
  }
  SKALD_ASSIGN_OR_RETURN(std::unique_ptr<BatchStage> made,
                         MakeStage(stage, needs, slice_.labels()));
  if (made == nullptr) {
    return Status();
  }
  stages_.push_back(std::move(made));
  if (RunsTemplates(stage)) slice_rows_ = kTemplateRows;
  if (Parses(stage)) {
    for (const LabelFilter* early : EarlyFilters(stages, at)) {
      SKALD_ASSIGN_OR_RETURN(std::unique_ptr<BatchStage> early_stage,
                             EarlyFilterStage::Make(*early, slice_.labels()));
      stages_.push_back(std::move(early_stage));
    }
  }
  return Status();
}

void Pipeline::HideFromStages(std::string_view label) { hidden_ = slice_.labels().Intern(label); }

const std::vector<uint32_t>& Pipeline::Start(const model::LogBatch& batch) {
  slice_.BeginBatch(*batch.stream, *batch.block);
  if (hidden_ != kNoSlot) {
    hidden_value_ = batch.stream->Get(slice_.labels().name(hidden_));
  }
  if (line_filters_.empty() && prefilters_.empty()) {
    return batch.selection;
  }
  selection_ = batch.selection;
  for (const std::unique_ptr<LineFilterStage>& filter : line_filters_) {
    filter->FilterBlock(batch.block->lines, selection_);
  }
  for (const std::unique_ptr<LinePrefilter>& prefilter : prefilters_) {
    prefilter->Filter(batch, selection_);
  }
  return selection_;
}

RowSlice& Pipeline::RunSlice(std::span<const uint32_t> rows) {
  slice_.BeginSlice(rows);
  if (marks_ != nullptr) {
    marks_->Clear();
  }
  if (hidden_value_.empty() || stages_.empty()) {
    RunStages();
  } else {
    LabelColumns& labels = slice_.labels();
    for (size_t i = 0; i < rows.size(); ++i) {
      labels.Delete(hidden_, i);
    }
    RunStages();
    for (const uint16_t i : slice_.active()) {
      labels.Set(hidden_, i, hidden_value_, LabelCategory::kStream);
    }
  }
  if (marks_ != nullptr) {
    marks_->MarkEnd(slice_.active());
  }
  return slice_;
}

void Pipeline::RunStages() {
  for (const std::unique_ptr<BatchStage>& stage : stages_) {
    if (slice_.active().empty()) {
      break;
    }
    stage->Run(slice_);
  }
}

}  // namespace skald::logql

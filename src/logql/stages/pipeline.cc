#include "logql/stages/pipeline.h"

#include <string>
#include <utility>

#include "logql/printer.h"
#include "logql/stages/stage_factory.h"

namespace skald::logql {

Result<std::unique_ptr<Pipeline>> Pipeline::Make(const std::vector<const Stage*>& stages,
                                                 const LabelNeeds& needs) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline());
  for (const Stage* stage : stages) {
    const auto* filter = std::get_if<LineFilter>(stage);
    Status status;
    if (filter != nullptr && pipeline->stages_.empty()) {
      auto made = LineFilterStage::Make(*filter);
      if (made.ok()) {
        pipeline->line_filters_.push_back(*std::move(made));
      } else {
        status = std::move(made).status();
      }
    } else {
      auto made = MakeStage(*stage, needs, pipeline->slice_.labels());
      if (made.ok() && *made != nullptr) {
        pipeline->stages_.push_back(*std::move(made));
      } else if (!made.ok()) {
        status = std::move(made).status();
      }
    }
    if (!status.ok()) {
      return InvalidArgument("parse error : stage '" + Print(*stage) +
                             "' : " + std::string(status.message()));
    }
  }
  return pipeline;
}

const std::vector<uint32_t>& Pipeline::Start(const model::LogBatch& batch) {
  slice_.BeginBatch(*batch.stream, *batch.block);
  selection_ = batch.selection;
  for (const std::unique_ptr<LineFilterStage>& filter : line_filters_) {
    filter->FilterBlock(batch.block->lines, selection_);
  }
  return selection_;
}

RowSlice& Pipeline::RunSlice(std::span<const uint32_t> rows) {
  slice_.BeginSlice(rows);
  for (const std::unique_ptr<BatchStage>& stage : stages_) {
    if (slice_.active().empty()) {
      break;
    }
    stage->Run(slice_);
  }
  return slice_;
}

}  // namespace skald::logql

#include "logql/stages/line_prefilter.h"

#include <algorithm>

namespace skald::logql {
namespace {

constexpr uint64_t kRowsToLearn = 32768;
// A search costs about a tenth of parsing: it must spare that many lines.
constexpr uint64_t kWorthwhile = 8;

}  // namespace

Result<std::unique_ptr<LinePrefilter>> LinePrefilter::Make(const model::LabelLiteral& literal) {
  LineFilter contains{.op = LineFilterOp::kContains, .alternatives = {}};
  for (const std::string& text : literal.literal.any_of) {
    contains.alternatives.push_back({.text = text});
  }
  SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LineFilterStage> search, LineFilterStage::Make(contains));
  return std::unique_ptr<LinePrefilter>(
      new LinePrefilter(std::move(search), literal.unless_labels));
}

bool LinePrefilter::Applies(const model::LogBatch& batch) const {
  const bool worthwhile = seen_ < kRowsToLearn || (seen_ - left_) * kWorthwhile >= seen_;
  return worthwhile &&
         std::none_of(unless_labels_.begin(), unless_labels_.end(), [&](const std::string& name) {
           return batch.stream->Has(name) || batch.block->FindMetadata(name) != nullptr;
         });
}

void LinePrefilter::Filter(const model::LogBatch& batch, std::vector<uint32_t>& selection) {
  if (selection.empty() || !Applies(batch)) {
    return;
  }
  seen_ += selection.size();
  search_->FilterBlock(batch.block->texts(), selection);
  left_ += selection.size();
}

}  // namespace skald::logql

#include "logql/stages/line_filter.h"

#include <algorithm>
#include <utility>

#include "logql/stages/line_test.h"

namespace skald::logql {
namespace {

bool IsNegated(LineFilterOp op) {
  return op == LineFilterOp::kNotContains || op == LineFilterOp::kNotRegex ||
         op == LineFilterOp::kNotPattern;
}

// Whether the selected rows make up enough of the buffer to be searched in one go.
bool IsDense(const model::TextColumn& lines, const std::vector<uint32_t>& selection) {
  const size_t span = selection.back() - selection.front() + 1;
  return selection.size() * 4 >= span && !lines.text.empty();
}

}  // namespace

Result<std::unique_ptr<LineFilterStage>> LineFilterStage::Make(const LineFilter& filter) {
  std::unique_ptr<LineFilterStage> stage(new LineFilterStage());
  stage->negated_ = IsNegated(filter.op);
  for (const LineFilterArg& arg : filter.alternatives) {
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LineTest> test, LineTest::Make(filter.op, arg));
    stage->always_ = stage->always_ || test->matches_all();
    stage->alternatives_.push_back(std::make_unique<LineSearch>(std::move(test)));
  }
  return stage;
}

bool LineFilterStage::Keeps(std::string_view line) const {
  const bool any = std::any_of(alternatives_.begin(), alternatives_.end(),
                               [line](const auto& one) { return one->Matches(line); });
  return any != negated_;
}

void LineFilterStage::Run(RowSlice& rows) {
  if (always_) {
    rows.Retain([this](size_t) { return !negated_; });
    return;
  }
  rows.Retain([&](size_t i) { return Keeps(rows.Line(i)); });
}

void LineFilterStage::FilterBlock(const model::TextColumn& lines,
                                  std::vector<uint32_t>& selection) {
  if (selection.empty() || always_) {
    if (negated_) {
      selection.clear();
    }
    return;
  }
  if (!IsDense(lines, selection)) {
    std::erase_if(selection, [&](uint32_t row) { return !Keeps(lines[row]); });
    return;
  }
  hits_.Clear(lines.size());
  for (const std::unique_ptr<LineSearch>& alternative : alternatives_) {
    alternative->MarkMatches(lines, selection, hits_);
  }
  std::erase_if(selection, [&](uint32_t row) { return hits_.Has(row) == negated_; });
}

}  // namespace skald::logql

#include "logql/stages/stage_factory.h"

#include <utility>

#include "logql/stages/capture_stages.h"
#include "logql/stages/decolorize_stage.h"
#include "logql/stages/format_stages.h"
#include "logql/stages/json_expression_stage.h"
#include "logql/stages/json_stage.h"
#include "logql/stages/label_filter.h"
#include "logql/stages/label_stages.h"
#include "logql/stages/line_filter.h"
#include "logql/stages/logfmt_stage.h"
#include "logql/stages/unpack_stage.h"

namespace skald::logql {
namespace {

using MadeStage = Result<std::unique_ptr<BatchStage>>;

template <typename T, typename... Args>
MadeStage Own(Args&&... args) {
  return std::unique_ptr<BatchStage>(std::make_unique<T>(std::forward<Args>(args)...));
}

MadeStage NotByEntry() {
  return InvalidArgument("works on the answer of a log query, not on single entries");
}

struct StageMaker {
  const LabelNeeds& needs;
  LabelColumns& labels;

  // A parser whose labels nobody looks at is left out once its arguments are checked: the lines
  // may not even have been read.
  MadeStage UnlessNeedless(MadeStage stage) const {
    return stage.ok() && needs.None() ? MadeStage(nullptr) : std::move(stage);
  }

  MadeStage operator()(const LineFilter& filter) const {
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LineFilterStage> stage, LineFilterStage::Make(filter));
    return std::unique_ptr<BatchStage>(std::move(stage));
  }
  MadeStage operator()(const LabelFilter& filter) const {
    SKALD_ASSIGN_OR_RETURN(auto condition, MakeLabelCondition(filter, labels));
    return Own<LabelFilterStage>(std::move(condition));
  }
  MadeStage operator()(const JsonParser& parser) const {
    if (!parser.extractions.empty()) {
      return UnlessNeedless(JsonExpressionStage::Make(parser, labels));
    }
    return needs.None() ? MadeStage(nullptr) : Own<JsonStage>(needs, labels);
  }
  MadeStage operator()(const LogfmtParser& parser) const {
    if (!parser.extractions.empty()) {
      return UnlessNeedless(LogfmtExpressionStage::Make(parser, labels));
    }
    return needs.None() ? MadeStage(nullptr) : Own<LogfmtStage>(parser, needs, labels);
  }
  MadeStage operator()(const RegexpParser& parser) const {
    return UnlessNeedless(RegexpStage::Make(parser, needs, labels));
  }
  MadeStage operator()(const PatternParser& parser) const {
    return UnlessNeedless(PatternStage::Make(parser, needs, labels));
  }
  MadeStage operator()(const UnpackParser&) const { return Own<UnpackStage>(needs, labels); }
  MadeStage operator()(const Decolorize&) const { return Own<DecolorizeStage>(); }
  MadeStage operator()(const DropLabels& drop) const { return Own<DropStage>(drop, labels); }
  MadeStage operator()(const KeepLabels& keep) const { return Own<KeepStage>(keep, labels); }
  MadeStage operator()(const Distinct&) const { return NotByEntry(); }
  MadeStage operator()(const SortBy&) const { return NotByEntry(); }
  MadeStage operator()(const LimitEntries&) const { return NotByEntry(); }
  MadeStage operator()(const LineFormat& format) const {
    return LineFormatStage::Make(format, labels);
  }
  MadeStage operator()(const LabelFormat& format) const {
    return LabelFormatStage::Make(format, labels);
  }
};

}  // namespace

Result<std::unique_ptr<BatchStage>> MakeStage(const Stage& stage, const LabelNeeds& needs,
                                              LabelColumns& labels) {
  return std::visit(StageMaker{needs, labels}, stage);
}

}  // namespace skald::logql

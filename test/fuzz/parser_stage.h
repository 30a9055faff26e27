#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logql/parser.h"
#include "logql/plan/scan_plan.h"
#include "logql/stages/label_set.h"
#include "logql/stages/pipeline.h"
#include "model/entry_block.h"

namespace skald::fuzz {

// What a parser makes of a line.
struct ParsedLine {
  model::Labels labels;
  bool error = false;

  friend bool operator==(const ParsedLine&, const ParsedLine&) = default;
};

// A pipeline of parsers, run on single lines of the stream {app="x"} with metadata m="1".
class ParserStage {
 public:
  // `stages` after the selector; `only`: the label needed, or all.
  explicit ParserStage(std::string_view stages, std::string_view only = {})
      : expr_(*logql::Parse("{app=\"x\"} " + std::string(stages))),
        plan_(logql::PlanScan(std::get<logql::LogExpr>(expr_->node), Purpose(only))),
        pipeline_(*logql::Pipeline::Make(plan_.stages, plan_.needs)) {}

  // The line stands in the block twice, and must give the same both times.
  ParsedLine Run(std::string_view line) {
    model::EntryBlockBuilder builder;
    const model::MetadataPair metadata[] = {{"m", "1"}};
    builder.Append(1, 0, line, metadata);
    builder.Append(2, 1, line, metadata);
    const model::LogBatch batch{
        .stream = std::make_shared<const model::Labels>(model::Labels{{"app", "x"}}),
        .block = std::make_shared<const model::EntryBlock>(builder.Finish()),
        .selection = {0, 1}};
    const logql::RowSlice& slice = pipeline_->RunSlice(pipeline_->Start(batch));
    const ParsedLine first = Row(slice, 0);
    if (slice.active().size() != 2 || Row(slice, 1) != first) std::abort();
    return first;
  }

 private:
  static logql::ScanPurpose Purpose(std::string_view only) {
    logql::ScanPurpose purpose{.lines = true, .line_lengths = true, .labels = {}};
    if (!only.empty()) purpose.labels = {.all = false, .names = {std::string(only)}};
    return purpose;
  }
  static ParsedLine Row(const logql::RowSlice& slice, size_t i) {
    return {.labels = logql::LabelSet(slice.labels(), i), .error = slice.labels().HasError(i)};
  }

  std::shared_ptr<const logql::Expr> expr_;
  logql::ScanPlan plan_;
  std::unique_ptr<logql::Pipeline> pipeline_;
};

// Whether the error of `parsed` may be a field of `line` that is called __error__ once its name is
// cleaned: it counts as an error like any other.
inline bool MayNameItsError(const ParsedLine& parsed, std::string_view line) {
  return parsed.error && (line.find("error") != line.npos || line.find("\\u") != line.npos);
}

// Holds that some labels of `whole`, each needed alone, are what they are among all.
inline void CheckLabelsAlone(std::string_view stages, std::string_view line,
                             const ParsedLine& whole) {
  size_t checked = 0;
  for (const model::LabelView label : whole.labels) {
    if (++checked > 3) return;
    const ParsedLine alone = ParserStage(stages, label.name).Run(line);
    if (alone.error || alone.labels.Get(label.name) != label.value) std::abort();
  }
}

}  // namespace skald::fuzz

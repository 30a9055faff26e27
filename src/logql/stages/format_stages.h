#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/stages/stage.h"
#include "logql/template/template.h"
#include "logql/template/template_executor.h"

namespace skald::logql {

// A template and what it sees of a row.
//
// Threads: not synchronised.
class RowTemplate {
 public:
  RowTemplate(Template text, LabelColumns& labels);

  // Takes the row's labels as they are now.
  void Capture(const RowSlice& rows, size_t i);
  // Runs on what was captured; the output lies in the slice's arena. False after an error.
  bool Run(RowSlice& rows, size_t i, std::string_view& output);
  const std::string& error() const { return executor_.error(); }

 private:
  Template template_;
  std::vector<Slot> slots_;
  std::vector<std::string_view> fields_;
  TemplateMap all_;
  TemplateExecutor executor_;
  std::string output_;
};

// `| line_format "..."`: replaces the line. A row whose template fails keeps it and gets
// TemplateFormatErr.
class LineFormatStage final : public BatchStage {
 public:
  // kInvalidArgument for a bad template.
  static Result<std::unique_ptr<BatchStage>> Make(const LineFormat& options, LabelColumns& labels);
  void Run(RowSlice& rows) override;

 private:
  explicit LineFormatStage(RowTemplate text) : template_(std::move(text)) {}
  RowTemplate template_;
};

// `| label_format a=b,c="..."`: moves labels and sets them from templates, left to right. All
// templates see the labels as they were before the first of them.
class LabelFormatStage final : public BatchStage {
 public:
  // kInvalidArgument for a bad template, a name given twice, or `__error__`.
  static Result<std::unique_ptr<BatchStage>> Make(const LabelFormat& options, LabelColumns& labels);
  void Run(RowSlice& rows) override;

 private:
  struct Item {
    Slot to = kNoSlot;
    Slot from = kNoSlot;  // Of a move.
    std::unique_ptr<RowTemplate> text;
  };
  void RunRow(RowSlice& rows, size_t i);

  std::vector<Item> items_;
};

}  // namespace skald::logql

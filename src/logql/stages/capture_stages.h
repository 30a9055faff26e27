#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "common/regex.h"
#include "common/status.h"
#include "logql/ast.h"
#include "logql/stages/label_needs.h"
#include "logql/stages/line_pattern.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// `| regexp "(?P<name>...)"`: a label for every named group of the line's first match.
class RegexpStage final : public BatchStage {
 public:
  // kInvalidArgument for a bad regex.
  static Result<std::unique_ptr<BatchStage>> Make(const RegexpParser& options,
                                                  const LabelNeeds& needs, LabelColumns& labels);

  void Run(RowSlice& rows) override;

 private:
  RegexpStage() = default;

  std::shared_ptr<const Regex> regex_;
  std::vector<std::pair<size_t, Slot>> wanted_;  // Groups and where they go.
  std::vector<std::pair<int, int>> groups_;
};

// `| pattern "<a> - <_>"`: a label for every capture.
class PatternStage final : public BatchStage {
 public:
  // kInvalidArgument for a bad pattern.
  static Result<std::unique_ptr<BatchStage>> Make(const PatternParser& options,
                                                  const LabelNeeds& needs, LabelColumns& labels);

  void Run(RowSlice& rows) override;

 private:
  explicit PatternStage(LinePattern pattern) : pattern_(std::move(pattern)) {}

  LinePattern pattern_;
  std::vector<Slot> slots_;  // Of the captures up to the last one wanted; kNoSlot: not wanted.
};

}  // namespace skald::logql

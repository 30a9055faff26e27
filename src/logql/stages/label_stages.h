#pragma once

#include <optional>
#include <vector>

#include "logql/ast.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// `| drop a, b="x"`: removes a always, and b where its value matches.
class DropStage final : public BatchStage {
 public:
  DropStage(const DropLabels& options, LabelColumns& labels);
  void Run(RowSlice& rows) override;

 private:
  struct Item {
    Slot slot = kNoSlot;
    std::optional<model::Matcher> matcher;
  };
  std::vector<Item> items_;
};

// `| keep a, b="x"`: removes all labels but a, b where its value matches, and those of errors.
class KeepStage final : public BatchStage {
 public:
  KeepStage(const KeepLabels& options, LabelColumns& labels);
  void Run(RowSlice& rows) override;

 private:
  bool Keeps(Slot slot, std::string_view value) const;

  struct Item {
    Slot slot = kNoSlot;
    std::optional<model::Matcher> matcher;
  };
  std::vector<Item> items_;
  std::vector<Slot> active_;
};

}  // namespace skald::logql

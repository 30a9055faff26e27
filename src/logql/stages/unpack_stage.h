#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "logql/stages/label_needs.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// `| unpack`: undoes the packing of labels into the line. The string members of the line's object
// become labels and its `_entry` the line; without `_entry` nothing changes.
class UnpackStage final : public BatchStage {
 public:
  UnpackStage(LabelNeeds needs, LabelColumns& labels) : needs_(std::move(needs)), labels_(labels) {}

  void Run(RowSlice& rows) override;

 private:
  void RunRow(RowSlice& rows, size_t i);

  const LabelNeeds needs_;
  LabelColumns& labels_;
  std::vector<std::pair<std::string_view, std::string_view>> members_;
};

}  // namespace skald::logql

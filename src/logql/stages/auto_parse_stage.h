#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "logql/stages/json_stage.h"
#include "logql/stages/label_needs.h"
#include "logql/stages/logfmt_stage.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// Takes each line for what it looks like: `| json` where it is an object that can be read to its
// end, else `| logfmt`. A line never gets an error: what is neither has no labels, or those of the
// pairs that happen to be in it.
//
// Only what `needs` names is extracted.
class AutoParseStage final : public BatchStage {
 public:
  AutoParseStage(const LabelNeeds& needs, LabelColumns& labels);

  void Run(RowSlice& rows) override;

  // Whether row `i` of the slice run last was JSON. Requires: it was active.
  bool IsJson(size_t i) const { return is_json_[i] != 0; }

 private:
  // Splits the active rows into json_rows_ and other_rows_ by how their lines begin.
  void SplitRows(const RowSlice& rows);
  // Moves rows that turned out to be no JSON to the others.
  void TakeBackBroken();
  void TakeBack(size_t i);

  LabelColumns& labels_;
  const Slot error_;
  const Slot details_;
  JsonStage json_;
  LogfmtStage logfmt_;

  // Scratch of a slice.
  std::vector<uint8_t> is_json_;
  std::vector<uint16_t> json_rows_;
  std::vector<uint16_t> other_rows_;
};

}  // namespace skald::logql

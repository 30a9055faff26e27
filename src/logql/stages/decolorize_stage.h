#pragma once

#include <memory>

#include "common/regex.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// `| decolorize`: removes the escape sequences by which terminals are told colours.
class DecolorizeStage final : public BatchStage {
 public:
  DecolorizeStage();
  void Run(RowSlice& rows) override;

 private:
  std::shared_ptr<const Regex> sequence_;
};

}  // namespace skald::logql

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/ast.h"
#include "logql/stages/json_path.h"
#include "logql/stages/json_text.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// `| json a="x.y[0]", b`: the values at the listed paths alone, objects and arrays as JSON text;
// what is missing gives an empty value. Lines that cannot be JSON get JSONParserErr.
class JsonExpressionStage final : public BatchStage {
 public:
  // kInvalidArgument for a bad path.
  static Result<std::unique_ptr<BatchStage>> Make(const JsonParser& options, LabelColumns& labels);

  void Run(RowSlice& rows) override;

 private:
  struct Target {
    JsonPath path;
    Slot slot = kNoSlot;
    bool found = false;
    std::string_view value;
  };
  // Indexes of targets whose path agrees with the place reached.
  using Candidates = std::vector<uint32_t>;

  explicit JsonExpressionStage(LabelColumns& labels) : labels_(labels) {}
  void RunRow(RowSlice& rows, size_t i);
  // Each reads what is at `p` and returns the position behind it; null when the text is broken or
  // all has been found.
  const char* ReadValue(const char* p, size_t depth);
  const char* ReadObject(const char* p, size_t depth);
  const char* ReadArray(const char* p, size_t depth);
  const char* ReadMatched(const char* p, size_t depth);
  void Match(size_t depth, bool is_index, std::string_view key, size_t index);
  void Take(const JsonValue& value, size_t depth);

  LabelColumns& labels_;
  std::vector<Target> targets_;
  std::vector<Candidates> candidates_;  // By depth.
  TextArena* arena_ = nullptr;
  const char* end_ = nullptr;
  size_t missing_ = 0;
};

}  // namespace skald::logql

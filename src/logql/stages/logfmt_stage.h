#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "logql/ast.h"
#include "logql/stages/label_needs.h"
#include "logql/stages/logfmt_text.h"
#include "logql/stages/stage.h"

namespace skald::logql {

// `| logfmt`: a label for every pair of the line. Malformed pairs are passed over; with --strict
// the first one ends the line with LogfmtParserErr. Pairs without a value are left out unless
// --keep-empty.
//
// Only what `needs` names is extracted, and reading a line stops once it has all of them.
class LogfmtStage final : public BatchStage {
 public:
  LogfmtStage(const LogfmtParser& options, LabelNeeds needs, LabelColumns& labels);

  void Run(RowSlice& rows) override;

 private:
  struct Key {
    std::string raw;
    Slot slot = kNoSlot;  // kNoSlot: not wanted.
  };

  void RunRow(RowSlice& rows, size_t i, LogfmtReader& reader);
  Slot FindKey(std::string_view raw);

  const bool strict_;
  const bool keep_empty_;
  const LabelNeeds needs_;
  LabelColumns& labels_;
  uint32_t epoch_ = 0;
  // Keys in the order they were first seen; lines mostly repeat the order of the line before.
  std::vector<Key> keys_;
  StringMap<uint32_t> index_;
  size_t next_ = 0;
};

// `| logfmt a, b="key"`: the listed keys alone; a key that is missing gives an empty value.
class LogfmtExpressionStage final : public BatchStage {
 public:
  // kInvalidArgument for an expression that is no key.
  static Result<std::unique_ptr<BatchStage>> Make(const LogfmtParser& options,
                                                  LabelColumns& labels);
  // The key that an expression names. kInvalidArgument as Make.
  static Result<std::string> KeyOf(std::string_view expression);

  void Run(RowSlice& rows) override;

 private:
  struct Target {
    std::string key;
    Slot slot = kNoSlot;
    bool found = false;
    std::string_view value;
  };

  LogfmtExpressionStage(bool strict, LabelColumns& labels) : strict_(strict), labels_(labels) {}
  void RunRow(RowSlice& rows, size_t i, LogfmtReader& reader);

  const bool strict_;
  LabelColumns& labels_;
  std::vector<Target> targets_;
};

}  // namespace skald::logql

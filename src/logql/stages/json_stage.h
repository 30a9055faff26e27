#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "logql/stages/json_text.h"
#include "logql/stages/label_needs.h"
#include "logql/stages/stage.h"
#include "logql/stages/text_scan.h"

namespace skald::logql {

// `| json`: a label for every scalar of the line's object, keys of nested objects joined with `_`.
// A line that is no object, or breaks off, keeps what was found and gets JSONParserErr.
//
// Only what `needs` names is extracted, and reading a line stops once it has all of them.
class JsonStage final : public BatchStage {
 public:
  JsonStage(LabelNeeds needs, LabelColumns& labels);
  ~JsonStage() override;

  void Run(RowSlice& rows) override;

 private:
  // What is known of a key of an object at one place of the documents.
  struct Key {
    std::string raw;       // As it stands in the line.
    ExpectedText member;   // `"raw":`; empty if invalid.
    bool invalid = false;  // Its escapes are.
    Slot slot = kNoSlot;   // Where its scalars go; kNoSlot: not wanted.
    int object = -1;       // Its own keys, an index of objects_; -1: nothing below it is wanted.

    bool wanted() const { return slot != kNoSlot || object >= 0; }
  };
  // The keys of an object, in the order they were first seen. Lines mostly repeat the order of the
  // line before, so the search begins where the last one ended.
  struct Object {
    std::string prefix;  // "a_b_"
    std::vector<Key> keys;
    StringMap<uint32_t> index;
    size_t next = 0;
  };
  // kStop: all that is needed has been found.
  enum class Outcome { kDone, kStop, kError };

  void ForgetKeys();
  void RunRow(size_t i);
  Outcome ReadObject(Object& object, int depth);
  Outcome ReadMember(Object& object, int depth);
  void PassUnwanted(Object& object);
  const Key* ReadKey(Object& object, int depth);
  Outcome ReadNested(Object& object, int depth);
  Outcome CheckNestedEnds(Outcome outcome);
  Outcome AddValue(Slot slot, const JsonValue& value);
  Outcome Fail(JsonError error, const char* at, int depth);
  Key& FindKey(Object& object, std::string_view raw);
  Key MakeKey(const Object& object, std::string_view raw);

  const LabelNeeds needs_;
  LabelColumns& labels_;
  uint32_t epoch_ = 0;
  std::vector<std::unique_ptr<Object>> objects_;
  size_t key_count_ = 0;

  // Of the row being read.
  RowSlice* rows_ = nullptr;
  size_t row_ = 0;
  const char* cursor_ = nullptr;
  const char* end_ = nullptr;
  size_t missing_ = 0;  // Needed names not found yet.
  JsonError error_ = JsonError::kNone;
  const char* stopped_at_ = nullptr;  // Where an error or kStop came up, and how deep.
  int stopped_depth_ = 0;
  std::vector<Slot> nested_;  // Set since the outermost nested object began.
};

}  // namespace skald::logql

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "logql/stages/label_needs.h"
#include "logql/stages/row_slice.h"
#include "logql/stats/field_accumulator.h"

namespace skald::logql {

// Takes in the labels of slices of rows, a field for each name and category. Labels that are the
// same in all rows of a slice, and structured metadata, of which a block knows the distinct values,
// are counted by the slice; only what stages have written is looked at row by row.
//
// Order:     (AddSlice | Merge)* fields.
// Ownership: made for the labels of one pipeline.
// Threads:   not synchronised. Each worker of a query has its own.
class FieldTable {
 public:
  struct Options {
    size_t max_fields = 1000;             // Names beyond are not counted.
    size_t max_bytes = size_t{64} << 20;  // Beyond, fields are kept less exactly.
  };
  struct Field {
    std::string name;
    LabelCategory category = LabelCategory::kStream;
    FieldAccumulator values;
  };

  // Counts only what `wanted` names. Labels about errors are never counted.
  FieldTable(const Options& options, LabelNeeds wanted, const LabelColumns& labels);
  FieldTable(const FieldTable&) = delete;
  FieldTable& operator=(const FieldTable&) = delete;

  // The active rows. Requires: rows.labels() is what the table was made for.
  void AddSlice(const RowSlice& rows);
  void Merge(const FieldTable& other);

  uint64_t lines() const { return lines_; }
  bool more_fields() const { return more_fields_; }
  // What the fields held when it was looked at last, before any were shrunk.
  uint64_t held_bytes() const { return held_bytes_; }
  const std::vector<std::unique_ptr<Field>>& fields() const { return fields_; }

 private:
  static constexpr size_t kCategories = 3;
  // A slot's fields by category; null: not met yet.
  struct SlotFields {
    bool known = false;
    bool wanted = false;
    std::array<Field*, kCategories> by_category = {};
  };

  SlotFields& FieldsOf(Slot slot);
  // Null if there are too many.
  Field* Find(std::string_view name, LabelCategory category);
  void Add(Slot slot, LabelCategory category, std::string_view value, uint64_t count);
  void AddConstant(const RowSlice& rows, Slot slot);
  void AddMetadata(const RowSlice& rows, Slot slot, const model::MetadataColumn& column);
  void AddByRow(const RowSlice& rows, Slot slot);
  void LimitMemory();

  const Options options_;
  const LabelNeeds wanted_;
  const LabelColumns& labels_;
  uint32_t epoch_ = 0;
  uint64_t lines_ = 0;
  uint64_t lines_at_check_ = 0;  // When memory was looked at last.
  uint64_t held_bytes_ = 0;
  bool more_fields_ = false;
  std::vector<std::unique_ptr<Field>> fields_;
  std::array<StringMap<Field*>, kCategories> by_name_;
  std::vector<SlotFields> by_slot_;
  std::vector<uint32_t> by_code_;  // Scratch: how often each value of a column occurs.
};

}  // namespace skald::logql

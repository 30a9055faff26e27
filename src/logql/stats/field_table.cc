#include "logql/stats/field_table.h"

#include <algorithm>
#include <utility>

namespace skald::logql {
namespace {

// Memory is looked at, which takes a walk over all fields, when the lines have doubled or are so
// many more.
constexpr uint64_t kLinesBetweenChecks = 1 << 16;

size_t Index(LabelCategory category) { return static_cast<size_t>(category); }

}  // namespace

FieldTable::FieldTable(const Options& options, LabelNeeds wanted, const LabelColumns& labels)
    : options_(options), wanted_(std::move(wanted)), labels_(labels), epoch_(labels.epoch()) {}

void FieldTable::AddSlice(const RowSlice& rows) {
  if (rows.active().empty()) {
    return;
  }
  if (epoch_ != labels_.epoch()) {
    by_slot_.clear();
    epoch_ = labels_.epoch();
  }
  lines_ += rows.active().size();
  for (const Slot slot : labels_.active()) {
    if (!FieldsOf(slot).wanted) {
      continue;
    }
    const model::MetadataColumn* metadata = labels_.PureMetadata(slot);
    if (labels_.IsConstant(slot)) {
      AddConstant(rows, slot);
    } else if (metadata != nullptr && metadata->values.size() <= 2 * rows.size()) {
      AddMetadata(rows, slot, *metadata);
    } else {
      AddByRow(rows, slot);
    }
  }
  LimitMemory();
}

FieldTable::SlotFields& FieldTable::FieldsOf(Slot slot) {
  if (slot >= by_slot_.size()) {
    by_slot_.resize(slot + 1);
  }
  SlotFields& fields = by_slot_[slot];
  if (!fields.known) {
    fields.known = true;
    fields.wanted = !labels_.IsErrorLabel(slot) && wanted_.Wants(labels_.name(slot));
  }
  return fields;
}

FieldTable::Field* FieldTable::Find(std::string_view name, LabelCategory category) {
  StringMap<Field*>& by_name = by_name_[Index(category)];
  if (const auto it = by_name.find(name); it != by_name.end()) {
    return it->second;
  }
  if (fields_.size() == options_.max_fields) {
    more_fields_ = true;
    return nullptr;
  }
  fields_.push_back(std::make_unique<Field>());
  Field* const field = fields_.back().get();
  field->name = name;
  field->category = category;
  by_name.emplace(std::string(name), field);
  return field;
}

void FieldTable::Add(Slot slot, LabelCategory category, std::string_view value, uint64_t count) {
  Field*& field = by_slot_[slot].by_category[Index(category)];
  if (field == nullptr) {
    field = Find(labels_.name(slot), category);
  }
  if (field != nullptr) {
    field->values.Add(value, count);
  }
}

void FieldTable::AddConstant(const RowSlice& rows, Slot slot) {
  std::string_view value;
  if (labels_.Find(slot, rows.active().front(), value)) {
    Add(slot, LabelCategory::kStream, value, rows.active().size());
  }
}

void FieldTable::AddMetadata(const RowSlice& rows, Slot slot, const model::MetadataColumn& column) {
  by_code_.assign(column.values.size() + 1, 0);
  for (const uint16_t i : rows.active()) {
    ++by_code_[column.codes[labels_.BlockRow(i)]];
  }
  for (size_t code = 1; code < by_code_.size(); ++code) {
    if (by_code_[code] > 0) {
      Add(slot, LabelCategory::kMetadata, column.values[code - 1], by_code_[code]);
    }
  }
}

void FieldTable::AddByRow(const RowSlice& rows, Slot slot) {
  // Values come in runs, which are added at once.
  std::string_view last;
  LabelCategory last_category = LabelCategory::kParsed;
  uint64_t run = 0;
  for (const uint16_t i : rows.active()) {
    std::string_view value;
    LabelCategory category;
    if (!labels_.Find(slot, i, value, category)) {
      continue;
    }
    if (run > 0 && category == last_category && value == last) {
      ++run;
      continue;
    }
    if (run > 0) {
      Add(slot, last_category, last, run);
    }
    last = value;
    last_category = category;
    run = 1;
  }
  if (run > 0) {
    Add(slot, last_category, last, run);
  }
}

void FieldTable::LimitMemory() {
  if (lines_ - lines_at_check_ < std::min(kLinesBetweenChecks, lines_at_check_ + 1)) {
    return;
  }
  lines_at_check_ = lines_;
  held_bytes_ = 0;
  for (const std::unique_ptr<Field>& field : fields_) {
    held_bytes_ += sizeof(Field) + field->values.MemoryBytes();
  }
  if (held_bytes_ <= options_.max_bytes) {
    return;
  }
  for (const std::unique_ptr<Field>& field : fields_) {
    if (field->values.MemoryBytes() > options_.max_bytes / options_.max_fields) {
      field->values.Shrink();
    }
  }
}

void FieldTable::Merge(const FieldTable& other) {
  lines_ += other.lines_;
  more_fields_ = more_fields_ || other.more_fields_;
  for (const std::unique_ptr<Field>& from : other.fields_) {
    if (Field* const to = Find(from->name, from->category); to != nullptr) {
      to->values.Merge(from->values);
    }
  }
}

}  // namespace skald::logql

#include "logql/stages/row_marks.h"

#include <string>

namespace skald::logql {
namespace {

std::vector<Slot> SlotsOf(const Stage& stage, LabelColumns& labels) {
  std::vector<Slot> slots;
  if (const auto* distinct = std::get_if<Distinct>(&stage)) {
    for (const std::string& field : distinct->fields) {
      slots.push_back(labels.Intern(field));
    }
  } else if (const auto* sort = std::get_if<SortBy>(&stage)) {
    slots.push_back(labels.Intern(sort->field));
  }
  return slots;
}

}  // namespace

// Threads: not synchronised.
class RowMarks::MarkStage final : public BatchStage {
 public:
  MarkStage(RowMarks& marks, size_t number, std::vector<Slot> slots)
      : marks_(marks), number_(number), slots_(std::move(slots)) {}

  void Run(RowSlice& rows) override {
    Mark& mark = marks_.marks_[number_];
    mark.rows = rows.active();
    mark.values.resize(slots_.empty() ? 0 : rows.size());
    for (const uint16_t i : rows.active()) {
      marks_.reached_[i] = static_cast<uint32_t>(number_ + 1);
      if (!slots_.empty()) {
        mark.values[i] = ValueOf(rows, i);
      }
    }
  }

 private:
  // Several values become one text, from which they could be told again.
  std::string_view ValueOf(RowSlice& rows, size_t i) {
    if (slots_.size() == 1) {
      return rows.labels().Get(slots_[0], i);
    }
    joined_.clear();
    for (const Slot slot : slots_) {
      const std::string_view value = rows.labels().Get(slot, i);
      joined_.append(std::to_string(value.size())).append(":").append(value);
    }
    return rows.arena().Copy(joined_);
  }

  RowMarks& marks_;
  const size_t number_;
  const std::vector<Slot> slots_;
  std::string joined_;
};

std::unique_ptr<BatchStage> RowMarks::Add(const Stage& stage, LabelColumns& labels) {
  reached_.resize(kSliceRows);
  marks_.emplace_back();
  return std::make_unique<MarkStage>(*this, marks_.size() - 1, SlotsOf(stage, labels));
}

void RowMarks::Clear() {
  for (Mark& mark : marks_) {
    mark.rows.clear();
  }
}

void RowMarks::MarkEnd(const std::vector<uint16_t>& rows) {
  for (const uint16_t i : rows) {
    reached_[i] = static_cast<uint32_t>(marks_.size() + 1);
  }
}

}  // namespace skald::logql

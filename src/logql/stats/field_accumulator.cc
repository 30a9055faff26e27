#include "logql/stats/field_accumulator.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/hash.h"

namespace skald::logql {

void FieldAccumulator::Sketches::Add(std::string_view shown, uint64_t hash, uint64_t count) {
  distinct.Add(hash);
  Quantity quantity;
  if (ParseQuantity(shown, quantity)) {
    numbers[static_cast<size_t>(quantity.kind)].Add(quantity.value, count);
  }
}

void FieldAccumulator::Add(std::string_view value, uint64_t count) {
  const uint64_t hash = Hash64(value);
  present_ += count;
  if (sketches_ != nullptr) {
    sketches_->Add(value, hash, count);
  }
  if (values_.TryAdd(value, hash, count)) {
    return;
  }
  if (sketches_ == nullptr) {
    StartSketches();
    sketches_->Add(value, hash, count);
  }
  while (!values_.TryAdd(value, hash, count)) {
    values_.Purge();
  }
}

void FieldAccumulator::StartSketches() {
  if (sketches_ != nullptr) {
    return;
  }
  sketches_ = std::make_unique<Sketches>();
  for (const ValueCounts::Entry& entry : values_.entries()) {
    sketches_->Add(values_.Text(entry), entry.hash, entry.count);
  }
}

void FieldAccumulator::Count(const ValueCounts& other, const ValueCounts::Entry& entry) {
  while (!values_.TryAdd(other, entry)) {
    StartSketches();
    values_.Purge();
  }
}

void FieldAccumulator::Merge(const FieldAccumulator& other) {
  present_ += other.present_;
  if (other.sketches_ != nullptr) {
    StartSketches();
    sketches_->distinct.Merge(other.sketches_->distinct);
    for (size_t kind = 0; kind < kQuantityKinds; ++kind) {
      sketches_->numbers[kind].Merge(other.sketches_->numbers[kind]);
    }
    values_.AddError(other.values_.max_error());
    for (const ValueCounts::Entry& entry : other.values_.entries()) {
      Count(other.values_, entry);
    }
    return;
  }
  for (const ValueCounts::Entry& entry : other.values_.entries()) {
    if (sketches_ == nullptr) {
      if (values_.TryAdd(other.values_, entry)) {
        continue;
      }
      StartSketches();
    }
    sketches_->Add(other.values_.Text(entry), entry.hash, entry.count);
    Count(other.values_, entry);
  }
}

void FieldAccumulator::Shrink() {
  StartSketches();
  values_.Purge();
  values_.ReleaseUnused();
}

size_t FieldAccumulator::MemoryBytes() const {
  size_t bytes = sizeof(*this) + values_.MemoryBytes();
  if (sketches_ != nullptr) {
    bytes += sizeof(Sketches) + sketches_->distinct.MemoryBytes();
    for (const NumberSketch& numbers : sketches_->numbers) {
      bytes += numbers.MemoryBytes();
    }
  }
  return bytes;
}

FieldStats FieldAccumulator::Finish(size_t top, uint64_t lines) const {
  FieldStats stats;
  stats.present = present_;
  stats.approximate = sketches_ != nullptr;
  stats.count_error = values_.max_error();
  stats.distinct = stats.approximate ? sketches_->distinct.Estimate() : values_.entries().size();
  std::vector<ValueCounts::Entry> entries = values_.entries();
  const size_t shown = std::min(top, entries.size());
  std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(shown),
                    entries.end(), [this](const auto& a, const auto& b) {
                      return a.count != b.count ? a.count > b.count
                                                : values_.Text(a) < values_.Text(b);
                    });
  entries.resize(shown);
  for (const ValueCounts::Entry& entry : entries) {
    stats.values.push_back({.value = std::string(values_.Text(entry)),
                            .cut = entry.length > ValueCounts::kMaxShownBytes,
                            .count = entry.count});
  }
  stats.numbers = stats.approximate ? EstimatedNumbers() : ExactNumbers();
  stats.agreement = Agreement(lines);
  return stats;
}

std::optional<FieldNumbers> FieldAccumulator::ExactNumbers() const {
  std::array<std::vector<WeightedNumber>, kQuantityKinds> numbers;
  for (const ValueCounts::Entry& entry : values_.entries()) {
    Quantity quantity;
    if (ParseQuantity(values_.Text(entry), quantity)) {
      numbers[static_cast<size_t>(quantity.kind)].push_back(
          {.value = quantity.value, .count = entry.count});
    }
  }
  for (size_t kind = 0; kind < kQuantityKinds; ++kind) {
    std::vector<WeightedNumber>& of_kind = numbers[kind];
    std::sort(of_kind.begin(), of_kind.end(), [](const auto& a, const auto& b) {
      return std::pair(a.value, a.count) < std::pair(b.value, b.count);
    });
    double sum = 0;
    for (const WeightedNumber& number : of_kind) {
      sum += number.value * static_cast<double>(number.count);
    }
    const NumberSummary summary = Summarize(of_kind, sum);
    if (summary.count > present_ / 2) {
      return FieldNumbers{.kind = static_cast<QuantityKind>(kind), .summary = summary};
    }
  }
  return std::nullopt;
}

std::optional<FieldNumbers> FieldAccumulator::EstimatedNumbers() const {
  for (size_t kind = 0; kind < kQuantityKinds; ++kind) {
    if (sketches_->numbers[kind].count() > present_ / 2) {
      return FieldNumbers{.kind = static_cast<QuantityKind>(kind),
                          .summary = sketches_->numbers[kind].Summary()};
    }
  }
  return std::nullopt;
}

// The chance that two entries, taken at random, have the same value. Values that were forgotten
// are too rare to matter.
double FieldAccumulator::Agreement(uint64_t lines) const {
  std::vector<double> shares;
  for (const ValueCounts::Entry& entry : values_.entries()) {
    shares.push_back(static_cast<double>(entry.count) / static_cast<double>(lines));
  }
  std::sort(shares.begin(), shares.end());
  double sum = 0;
  for (const double share : shares) {
    sum += share * share;
  }
  return sum;
}

}  // namespace skald::logql

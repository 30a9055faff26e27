#include "logql/metric/distinct_cell.h"

#include <algorithm>

namespace skald::logql {
namespace {

constexpr size_t kFirstSlots = 16;

}  // namespace

void DistinctCell::Add(uint64_t hash) {
  hash = hash == 0 ? 1 : hash;
  if (sketch_) {
    sketch_->Add(hash);
    return;
  }
  if ((count_ + 1) * 4 > slots_.size() * 3) {
    Grow();
  }
  if (Insert(hash) && ++count_ > kExact) {
    MakeSketch();
  }
}

void DistinctCell::Merge(const DistinctCell& other) {
  for (const uint64_t hash : other.slots_) {
    if (hash != 0) {
      Add(hash);
    }
  }
  if (!other.sketch_) {
    return;
  }
  if (!sketch_) {
    MakeSketch();
  }
  sketch_->Merge(*other.sketch_);
}

double DistinctCell::Count() const {
  return static_cast<double>(sketch_ ? sketch_->Estimate() : count_);
}

void DistinctCell::Grow() {
  std::vector<uint64_t> old(std::max(kFirstSlots, 2 * slots_.size()), 0);
  old.swap(slots_);
  for (const uint64_t hash : old) {
    if (hash != 0) {
      Insert(hash);
    }
  }
}

// False if it was there. Requires: a free slot.
bool DistinctCell::Insert(uint64_t hash) {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at] != 0 && slots_[at] != hash) {
    at = (at + 1) & mask;
  }
  const bool added = slots_[at] == 0;
  slots_[at] = hash;
  return added;
}

void DistinctCell::MakeSketch() {
  sketch_.emplace(kIndexBits);
  for (const uint64_t hash : slots_) {
    if (hash != 0) {
      sketch_->Add(hash);
    }
  }
  slots_ = {};
  count_ = 0;
}

}  // namespace skald::logql

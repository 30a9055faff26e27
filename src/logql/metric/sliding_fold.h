#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace skald::logql {

// Folds a window that moves forward over cells, both ends at any pace, with a constant number of
// merges per cell and without ever taking anything out of a fold: the older cells of the window
// are held as folds from each of them to the newest of the old ones, the newer as one fold.
template <typename Cell>
class SlidingFold {
 public:
  void Push(size_t index, const Cell& cell) {
    newer_.emplace_back(index, cell);
    newer_fold_.Merge(cell);
  }

  void DropBefore(size_t index) {
    while (!older_.empty() && older_.back().first < index) {
      older_.pop_back();
    }
    if (!older_.empty()) {
      return;
    }
    Cell fold;
    while (!newer_.empty() && newer_.back().first >= index) {
      Cell longer = std::move(newer_.back().second);
      longer.Merge(fold);
      fold = std::move(longer);
      older_.emplace_back(newer_.back().first, fold);
      newer_.pop_back();
    }
    newer_.clear();
    newer_fold_ = Cell();
  }

  Cell Fold() const {
    Cell fold = older_.empty() ? Cell() : older_.back().second;
    fold.Merge(newer_fold_);
    return fold;
  }

 private:
  std::vector<std::pair<size_t, Cell>> older_;  // The oldest is last.
  std::vector<std::pair<size_t, Cell>> newer_;
  Cell newer_fold_;
};

}  // namespace skald::logql

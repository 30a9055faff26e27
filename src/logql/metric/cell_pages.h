#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace skald::logql {

// The cells of all series, in pages that come into being where there are samples.
template <typename Cell>
class CellPages {
 public:
  // There are no cells where the range has no length.
  explicit CellPages(size_t cells)
      : page_bits_(std::bit_width(std::clamp<size_t>(cells, 1, 64) - 1)),
        pages_per_series_((cells + page_cells() - 1) >> page_bits_) {}

  Cell& At(size_t series, size_t cell) {
    const size_t at = series * pages_per_series_ + (cell >> page_bits_);
    if (at >= index_.size()) {
      index_.resize(std::max(at + 1, index_.size() * 2), 0);
    }
    uint32_t& page = index_[at];
    if (page == 0) {
      pages_.push_back(std::make_unique<Cell[]>(page_cells()));
      page = static_cast<uint32_t>(pages_.size());
    }
    return pages_[page - 1][cell & (page_cells() - 1)];
  }

  // Null if the page was never written.
  const Cell* Find(size_t series, size_t cell) const {
    const size_t at = series * pages_per_series_ + (cell >> page_bits_);
    if (at >= index_.size() || index_[at] == 0) {
      return nullptr;
    }
    return &pages_[index_[at] - 1][cell & (page_cells() - 1)];
  }

  // Calls f(cell, Cell&) for every cell of `series` that holds something.
  template <typename F>
  void ForEach(size_t series, F&& f) {
    for (size_t p = 0; p < pages_per_series_; ++p) {
      const size_t at = series * pages_per_series_ + p;
      if (at >= index_.size() || index_[at] == 0) {
        continue;
      }
      Cell* page = pages_[index_[at] - 1].get();
      for (size_t c = 0; c < page_cells(); ++c) {
        if (!page[c].empty()) {
          f((p << page_bits_) + c, page[c]);
        }
      }
    }
  }

  size_t MemoryBytes() const {
    return index_.size() * sizeof(uint32_t) +
           pages_.size() * (page_cells() * sizeof(Cell) + kPageOverhead);
  }

 private:
  static constexpr size_t kPageOverhead = 24;  // A pointer, and what the heap rounds up.

  size_t page_cells() const { return size_t{1} << page_bits_; }

  const int page_bits_;  // A power of two: this is asked for with each sample.
  const size_t pages_per_series_;
  std::vector<uint32_t> index_;  // Page number + 1 by series and place; 0: none.
  std::vector<std::unique_ptr<Cell[]>> pages_;
};

}  // namespace skald::logql

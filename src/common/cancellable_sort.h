#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/status.h"

namespace skald {

// Elements that are sorted between two looks at the token: some milliseconds for texts.
inline constexpr size_t kSortedPerCheck = 16384;

// Appends two sorted runs of `items` to `out` as one, [begin, middle) and [middle, end).
template <typename T, typename Less>
Status MergeRuns(std::vector<T>& items, size_t begin, size_t middle, size_t end, const Less& less,
                 const CancelToken& cancel, std::vector<T>& out) {
  size_t left = begin;
  size_t right = middle;
  while (left < middle || right < end) {
    if (out.size() % kSortedPerCheck == 0) SKALD_RETURN_IF_ERROR(cancel.Check());
    const bool from_right = left == middle || (right < end && less(items[right], items[left]));
    out.push_back(std::move(items[from_right ? right++ : left++]));
  }
  return {};
}

// Sorts what may be a million elements; equal ones are in any order. The error of `cancel` soon
// after it is cancelled: `items` are of no use then.
//
// Threads: a function.
// Cost:    room for as many elements again.
template <typename T, typename Less = std::less<>>
Status SortUnlessCancelled(std::vector<T>& items, const CancelToken& cancel, Less less = {}) {
  const size_t count = items.size();
  for (size_t begin = 0; begin < count; begin += kSortedPerCheck) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    const auto first = items.begin() + static_cast<ptrdiff_t>(begin);
    std::sort(first, first + static_cast<ptrdiff_t>(std::min(kSortedPerCheck, count - begin)),
              less);
  }
  std::vector<T> merged;
  for (size_t run = kSortedPerCheck; run < count; run *= 2) {
    merged.reserve(count);
    for (size_t begin = 0; begin < count; begin += 2 * run) {
      SKALD_RETURN_IF_ERROR(MergeRuns(items, begin, std::min(begin + run, count),
                                      std::min(begin + 2 * run, count), less, cancel, merged));
    }
    items.swap(merged);
    merged.clear();
  }
  return {};
}

}  // namespace skald

#pragma once

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace skald::querier {

// Adds the elements of `more` to `all`. Requires: both are sorted and unique; so is the union.
template <typename T>
void UniteSorted(std::vector<T>& all, std::vector<T> more) {
  if (all.empty()) {
    all = std::move(more);
    return;
  }
  std::vector<T> both;
  both.reserve(all.size() + more.size());
  std::set_union(std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()),
                 std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()),
                 std::back_inserter(both));
  all = std::move(both);
}

}  // namespace skald::querier

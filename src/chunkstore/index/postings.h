#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <vector>

#include "chunkstore/index/index_keys.h"

namespace skald::chunkstore {

// Ids of series, ascending, each once.
using Postings = std::vector<SeriesId>;

// Calls visit(id) for the ids in both, until it returns false.
template <typename Visit>
void ForEachCommon(const Postings& a, const Postings& b, const Visit& visit) {
  const Postings& few = a.size() < b.size() ? a : b;
  const Postings& many = a.size() < b.size() ? b : a;
  // Far fewer on one side: each of them is looked up, from where the last one was.
  const bool look_up = few.size() * 16 < many.size();
  auto from = many.begin();
  for (const SeriesId id : few) {
    if (look_up) {
      from = std::lower_bound(from, many.end(), id);
    } else {
      while (from != many.end() && *from < id) ++from;
    }
    if (from == many.end()) return;
    if (*from == id && !visit(id)) return;
  }
}

// Ids in both.
inline Postings And(const Postings& a, const Postings& b) {
  Postings out;
  ForEachCommon(a, b, [&](SeriesId id) {
    out.push_back(id);
    return true;
  });
  return out;
}

// Whether there are any.
inline bool Intersect(const Postings& a, const Postings& b) {
  bool found = false;
  ForEachCommon(a, b, [&](SeriesId) {
    found = true;
    return false;
  });
  return found;
}

// Ids in `a` that are not in `b`.
inline Postings Minus(const Postings& a, const Postings& b) {
  Postings out;
  out.reserve(a.size());
  std::ranges::set_difference(a, b, std::back_inserter(out));
  return out;
}

// `ids` in order, each once: makes postings of lists that were put one behind the other.
inline Postings Normalized(std::vector<SeriesId> ids) {
  if (std::ranges::adjacent_find(ids, std::greater_equal<>()) == ids.end()) return ids;
  const SeriesId last = std::ranges::max(ids);
  if (ids.size() < last / 64) {
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
  }
  // Dense: one bit for each id is less work than sorting.
  std::vector<uint64_t> bits(last / 64 + 1);
  for (const SeriesId id : ids) bits[id / 64] |= uint64_t{1} << (id % 64);
  ids.clear();
  for (size_t word = 0; word < bits.size(); ++word) {
    for (uint64_t rest = bits[word]; rest != 0; rest &= rest - 1) {
      ids.push_back(static_cast<SeriesId>(word * 64 + std::countr_zero(rest)));
    }
  }
  return ids;
}

}  // namespace skald::chunkstore

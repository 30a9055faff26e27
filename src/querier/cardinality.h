#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "rpc/ingester_client.h"

namespace skald::querier {

// How many streams there are, and what they hold.
struct StreamAmount {
  uint64_t streams = 0;
  uint64_t entries = 0;
  uint64_t bytes = 0;  // Of lines.
};

struct LabelNameUse {
  std::string name;
  uint64_t values = 0;  // Distinct ones.
  StreamAmount amount;  // Of streams with the label.
};

struct LabelValueUse {
  std::string name;
  std::string value;
  StreamAmount amount;
};

// What streams are told apart by. Each list has the largest ones first; equal ones are ordered by
// their texts.
struct Cardinality {
  StreamAmount total;
  uint64_t names = 0;   // Label names there are.
  uint64_t values = 0;  // Values of all names, each name's for itself.
  std::vector<LabelNameUse> names_by_values;
  std::vector<LabelNameUse> names_by_bytes;
  std::vector<LabelValueUse> values_by_streams;
  std::vector<LabelValueUse> values_by_bytes;
  std::vector<rpc::StreamSize> streams_by_entries;
  std::vector<rpc::StreamSize> streams_by_bytes;
};

// Counts over `streams`, which are distinct; at most `limit` in each list.
Cardinality CountLabelsOf(const std::vector<rpc::StreamSize>& streams, size_t limit);

inline bool OrderedByLabels(const rpc::StreamSize& a, const rpc::StreamSize& b) {
  return *a.labels < *b.labels;
}
inline void SortSizes(std::vector<rpc::StreamSize>& sizes) {
  std::sort(sizes.begin(), sizes.end(), OrderedByLabels);
}

// Adds the streams of `more` to `all`, both ordered by labels; `combine(StreamSize&, const
// StreamSize&)` adds to a stream in `all` what it has in `more`.
template <typename Combine>
void MergeSizes(std::vector<rpc::StreamSize> more, std::vector<rpc::StreamSize>& all,
                const Combine& combine) {
  std::vector<rpc::StreamSize> merged;
  merged.reserve(all.size() + more.size());
  std::merge(std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()),
             std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()),
             std::back_inserter(merged), OrderedByLabels);
  all.clear();
  for (rpc::StreamSize& size : merged) {
    if (!all.empty() && *all.back().labels == *size.labels) {
      combine(all.back(), size);
    } else {
      all.push_back(std::move(size));
    }
  }
}

}  // namespace skald::querier

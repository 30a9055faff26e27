#include "common/nearest_name.h"

#include <algorithm>
#include <vector>

namespace skald {
namespace {

// The number of single-letter edits from a to b.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

NearestName::NearestName(std::string_view name)
    : NearestName(name, std::max<size_t>(2, name.size() / 3)) {}

void NearestName::Offer(std::string_view known) {
  const size_t distance = EditDistance(name_, known);
  if (distance >= limit_) return;
  limit_ = distance;
  best_ = known;
}

}  // namespace skald

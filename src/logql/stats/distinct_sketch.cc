#include "logql/stats/distinct_sketch.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace skald::logql {
namespace {

// x + x^2 + 2 x^4 + 4 x^8 + ... Requires: x < 1.
double Sigma(double x) {
  double sum = x;
  double weight = 1;
  for (;;) {
    x *= x;
    const double next = sum + x * weight;
    if (next == sum) {
      return sum;
    }
    sum = next;
    weight *= 2;
  }
}

// (1 - x - (1 - x^(1/2))^2 / 2 - (1 - x^(1/4))^2 / 4 - ...) / 3.
double Tau(double x) {
  if (x == 0 || x == 1) {
    return 0;
  }
  double sum = 1 - x;
  double weight = 1;
  for (;;) {
    x = std::sqrt(x);
    weight /= 2;
    const double next = sum - (1 - x) * (1 - x) * weight;
    if (next == sum) {
      return sum / 3;
    }
    sum = next;
  }
}

}  // namespace

void DistinctSketch::Merge(const DistinctSketch& other) {
  for (size_t i = 0; i < registers_.size(); ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

uint64_t DistinctSketch::Estimate() const {
  const int max_rank = 64 - index_bits_;  // One more: no bit was set at all.
  uint32_t with_rank[64 + 2] = {};
  for (const uint8_t rank : registers_) {
    ++with_rank[rank];
  }
  const auto count = static_cast<double>(registers_.size());
  if (with_rank[0] == registers_.size()) {
    return 0;
  }
  double sum = count * Tau(1 - with_rank[max_rank + 1] / count);
  for (int rank = max_rank; rank >= 1; --rank) {
    sum = (sum + with_rank[rank]) / 2;
  }
  sum += count * Sigma(with_rank[0] / count);
  return static_cast<uint64_t>(std::llround(count * count / (2 * std::numbers::ln2 * sum)));
}

}  // namespace skald::logql

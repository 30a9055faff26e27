#include "logql/stats/number_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

namespace skald::logql {
namespace {

constexpr int kFractionBits = 7;
constexpr int kDroppedBits = 52 - kFractionBits;
constexpr uint64_t kSign = uint64_t{1} << 63;

// A double's bits in the order of their numbers.
uint64_t OrderedBits(double value) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double FromOrderedBits(uint64_t ordered) {
  return std::bit_cast<double>((ordered & kSign) != 0 ? ordered & ~kSign : ~ordered);
}

uint32_t BucketOf(double value) {
  return static_cast<uint32_t>(OrderedBits(value) >> kDroppedBits);
}

// The middle of a bucket; zero for that of zero.
double NumberOf(uint32_t bucket) {
  if (bucket == BucketOf(0)) {
    return 0;
  }
  return FromOrderedBits((uint64_t{bucket} << kDroppedBits) | (uint64_t{1} << (kDroppedBits - 1)));
}

// The number at a rank of q * count.
double Quantile(std::span<const WeightedNumber> ascending, uint64_t count, double q) {
  const auto rank = static_cast<uint64_t>(std::ceil(q * static_cast<double>(count)));
  uint64_t below = 0;
  for (const WeightedNumber& number : ascending) {
    below += number.count;
    if (below >= rank) {
      return number.value;
    }
  }
  return ascending.back().value;
}

}  // namespace

NumberSummary Summarize(std::span<const WeightedNumber> ascending, double sum) {
  NumberSummary summary;
  for (const WeightedNumber& number : ascending) {
    summary.count += number.count;
  }
  if (summary.count == 0) {
    return summary;
  }
  summary.min = ascending.front().value;
  summary.max = ascending.back().value;
  summary.average = sum / static_cast<double>(summary.count);
  summary.p50 = Quantile(ascending, summary.count, 0.5);
  summary.p90 = Quantile(ascending, summary.count, 0.9);
  summary.p99 = Quantile(ascending, summary.count, 0.99);
  return summary;
}

void NumberSketch::Add(double value, uint64_t count) {
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  count_ += count;
  sum_ += value * static_cast<double>(count);
  buckets_[BucketOf(value)] += count;
}

void NumberSketch::Merge(const NumberSketch& other) {
  if (other.count_ == 0) {
    return;
  }
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
  for (const auto& [bucket, count] : other.buckets_) {
    buckets_[bucket] += count;
  }
}

NumberSummary NumberSketch::Summary() const {
  std::vector<std::pair<uint32_t, uint64_t>> buckets(buckets_.begin(), buckets_.end());
  std::sort(buckets.begin(), buckets.end());
  std::vector<WeightedNumber> numbers;
  numbers.reserve(buckets.size());
  for (const auto& [bucket, count] : buckets) {
    numbers.push_back({.value = std::clamp(NumberOf(bucket), min_, max_), .count = count});
  }
  NumberSummary summary = Summarize(numbers, sum_);
  summary.min = min_;
  summary.max = max_;
  return summary;
}

}  // namespace skald::logql

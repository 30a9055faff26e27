#pragma once

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstdint>
#include <utility>
#include <vector>

// What is kept of the samples of one series in one cell of time. Each type has
//   void Add(int64_t time, double value);
//   void Merge(const T& other);
//   bool empty() const;
// and adding in any order gives the same result, up to rounding in the last place at most. One that
// tells streams apart has Add(time, value, stream) instead. Those
// for which the number and the sum of several samples is as good as the samples have also
//   void AddTotal(double sum, double samples);

namespace skald::logql {

struct CountCell {
  double count = 0;

  void Add(int64_t, double) { count += 1; }
  void AddTotal(double, double samples) { count += samples; }
  void Merge(const CountCell& other) { count += other.count; }
  bool empty() const { return count == 0; }
};

// A sum in twice the precision of a double, so that the order of adding does not show.
struct SumCell {
  double high = 0;
  double low = 0;
  double count = 0;

  void Add(int64_t, double value) { AddTotal(value, 1); }
  // Requires: `sum` is exact.
  void AddTotal(double sum, double samples) {
    AddExact(sum);
    count += samples;
  }
  void Merge(const SumCell& other) {
    AddExact(other.high);
    low += other.low;
    count += other.count;
  }
  bool empty() const { return count == 0; }
  double Sum() const { return std::isfinite(high) ? high + low : high; }

 private:
  void AddExact(double value) {
    const double sum = high + value;
    const double part = sum - high;
    low += (high - (sum - part)) + (value - part);
    high = sum;
  }
};

// NaN gives way to any number.
template <typename Better>
struct ExtremeCell {
  double value = 0;
  bool filled = false;

  void Add(int64_t, double sample) {
    if (!filled || Better()(sample, value) || std::isnan(value)) {
      value = sample;
      filled = true;
    }
  }
  void Merge(const ExtremeCell& other) {
    if (other.filled) {
      Add(0, other.value);
    }
  }
  bool empty() const { return !filled; }
};

// Count, mean and sum of squared distances from it (Welford; merged as Chan et al.).
struct MomentCell {
  double count = 0;
  double mean = 0;
  double squares = 0;

  void Add(int64_t, double value) {
    count += 1;
    const double distance = value - mean;
    mean += distance / count;
    squares += distance * (value - mean);
  }
  void Merge(const MomentCell& other) {
    if (other.count == 0) {
      return;
    }
    const double total = count + other.count;
    const double distance = other.mean - mean;
    mean += distance * (other.count / total);
    squares += other.squares + distance * distance * (count * other.count / total);
    count = total;
  }
  bool empty() const { return count == 0; }
  double Variance() const { return squares / count; }
};

enum class Edge { kFirst, kLast };

// The sample that is first, or last, by time, stream and arrival: each stream's samples of one time
// must be added in the order they arrived in. (Which of two streams is first is arbitrary, and the
// same in every run.)
template <Edge kEdge>
struct EdgeCell {
  int64_t time = 0;
  uint64_t stream = 0;
  double value = 0;
  bool filled = false;

  void Add(int64_t sample_time, double sample, uint64_t sample_stream) {
    const auto order = std::pair(sample_time, sample_stream) <=> std::pair(time, stream);
    if (!filled || (kEdge == Edge::kFirst ? order < 0 : order >= 0)) {
      time = sample_time;
      stream = sample_stream;
      value = sample;
      filled = true;
    }
  }
  void Merge(const EdgeCell& other) {
    if (other.filled) {
      Add(other.time, other.value, other.stream);
    }
  }
  bool empty() const { return !filled; }
};

template <typename T>
void AppendTo(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// Leaves no memory behind: samples that two workers hold are not held twice while they are merged.
template <typename T>
void MoveInto(std::vector<T>& all, std::vector<T>& more) {
  if (all.empty()) {
    all.swap(more);
  } else {
    AppendTo(all, more);
  }
  more = {};
}

struct ValuesCell {
  std::vector<double> values;

  void Add(int64_t, double value) { values.push_back(value); }
  void Merge(const ValuesCell& other) { AppendTo(values, other.values); }
  void Merge(ValuesCell&& other) { MoveInto(values, other.values); }
  bool empty() const { return values.empty(); }
};

struct TimedValue {
  int64_t time = 0;
  double value = 0;

  friend auto operator<=>(const TimedValue&, const TimedValue&) = default;
};

struct SamplesCell {
  std::vector<TimedValue> values;

  void Add(int64_t time, double value) { values.push_back({time, value}); }
  void Merge(const SamplesCell& other) { AppendTo(values, other.values); }
  void Merge(SamplesCell&& other) { MoveInto(values, other.values); }
  bool empty() const { return values.empty(); }
};

}  // namespace skald::logql

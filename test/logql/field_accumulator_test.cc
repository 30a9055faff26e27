#include "logql/stats/field_accumulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace skald::logql {
namespace {

using CountedValues = std::vector<std::pair<std::string, uint64_t>>;  // A value, and how often.

uint64_t Lines(const CountedValues& values) {
  uint64_t lines = 0;
  for (const auto& [value, count] : values) {
    lines += count;
  }
  return lines;
}

// What the field is after values were spread over `workers` accumulators, seeded by `seed`.
FieldStats Spread(const CountedValues& values, size_t workers, uint64_t seed, size_t top = 10) {
  std::mt19937_64 random(seed);
  std::vector<FieldAccumulator> parts(workers);
  for (const auto& [value, count] : values) {
    parts[random() % workers].Add(value, count);
  }
  std::shuffle(parts.begin() + 1, parts.end(), random);
  for (size_t i = 1; i < workers; ++i) {
    parts[0].Merge(parts[i]);
  }
  return parts[0].Finish(top, Lines(values));
}

// Everything of a field as text.
std::string Describe(const FieldStats& field) {
  std::string text = std::to_string(field.present) + " of " + std::to_string(field.distinct) +
                     (field.approximate ? " approximate" : " exact");
  for (const FieldValue& value : field.values) {
    text += ' ' + value.value + (value.cut ? "..." : "") + '*' + std::to_string(value.count);
  }
  char buffer[512];
  if (field.numbers.has_value()) {
    const NumberSummary& n = field.numbers->summary;
    std::snprintf(buffer, sizeof buffer, " %s#%llu %.17g..%.17g avg %.17g p %.17g %.17g %.17g",
                  std::string(QuantityUnit(field.numbers->kind)).c_str(),
                  static_cast<unsigned long long>(n.count), n.min, n.max, n.average, n.p50, n.p90,
                  n.p99);
    text += buffer;
  }
  std::snprintf(buffer, sizeof buffer, " agreement %.17g", field.agreement);
  return text + buffer;
}

// Values of which some are frequent: that of rank k some 1/k of the first.
CountedValues Skewed(size_t distinct, uint64_t draws, uint64_t seed) {
  std::mt19937_64 random(seed);
  CountedValues values;
  for (uint64_t i = 0; i < draws; ++i) {
    const double u = std::generate_canonical<double, 53>(random);
    const auto rank = static_cast<uint64_t>(std::pow(static_cast<double>(distinct), u));
    values.emplace_back("v" + std::to_string(rank), 1);
  }
  return values;
}

std::map<std::string, uint64_t> Truth(const CountedValues& values) {
  std::map<std::string, uint64_t> truth;
  for (const auto& [value, count] : values) {
    truth[value] += count;
  }
  return truth;
}

TEST(FieldAccumulator, CountsValues) {
  FieldAccumulator field;
  field.Add("eu", 3);
  field.Add("us", 5);
  field.Add("eu", 1);
  const FieldStats stats = field.Finish(1, 10);
  EXPECT_EQ(Describe(stats), "9 of 2 exact us*5 agreement 0.41000000000000003");
}

TEST(FieldAccumulator, NumbersAreSummarized) {
  FieldAccumulator field;
  for (int i = 1; i <= 100; ++i) {
    field.Add(std::to_string(i), 1);
  }
  const FieldStats stats = field.Finish(0, 100);
  ASSERT_TRUE(stats.numbers.has_value());
  EXPECT_EQ(stats.numbers->kind, QuantityKind::kNumber);
  const NumberSummary& n = stats.numbers->summary;
  EXPECT_EQ(n.count, 100);
  EXPECT_EQ(n.min, 1);
  EXPECT_EQ(n.max, 100);
  EXPECT_EQ(n.average, 50.5);
  EXPECT_EQ(n.p50, 50);
  EXPECT_EQ(n.p90, 90);
  EXPECT_EQ(n.p99, 99);
}

TEST(FieldAccumulator, DurationsAndSizesAreNumbers) {
  FieldAccumulator durations;
  durations.Add("1500ms", 1);
  durations.Add("1m", 1);
  EXPECT_EQ(durations.Finish(0, 2).numbers->kind, QuantityKind::kSeconds);
  EXPECT_EQ(durations.Finish(0, 2).numbers->summary.max, 60);
  FieldAccumulator sizes;
  sizes.Add("2KB", 1);
  EXPECT_EQ(sizes.Finish(0, 1).numbers->kind, QuantityKind::kBytes);
  EXPECT_EQ(sizes.Finish(0, 1).numbers->summary.average, 2000);
}

TEST(FieldAccumulator, AFewNumbersAmongTextsAreNoNumbers) {
  FieldAccumulator field;
  field.Add("404", 2);
  field.Add("not found", 3);
  EXPECT_FALSE(field.Finish(0, 5).numbers.has_value());
}

TEST(FieldAccumulator, LongValuesAreCutButToldApart) {
  const std::string beginning(1000, 'x');
  FieldAccumulator field;
  field.Add(beginning + "a", 1);
  field.Add(beginning + "b", 2);
  const FieldStats stats = field.Finish(10, 3);
  ASSERT_EQ(stats.values.size(), 2);
  EXPECT_EQ(stats.distinct, 2);
  EXPECT_TRUE(stats.values[0].cut);
  EXPECT_EQ(stats.values[0].value.size(), ValueCounts::kMaxShownBytes);
  EXPECT_EQ(stats.values[0].count, 2);
}

TEST(FieldAccumulator, AnySplitOfExactValuesGivesTheSameResult) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    CountedValues values = Skewed(ValueCounts::kCapacity - 1, 20000, seed);
    for (int i = 0; i < 50; ++i) {
      values.emplace_back(std::to_string(i) + ".1ms", 1000 + i);
    }
    values.resize(values.size());
    const FieldStats one = Spread(values, 1, seed, 100);
    ASSERT_FALSE(one.approximate);
    ASSERT_EQ(one.distinct, Truth(values).size());
    for (const size_t workers : {2, 3, 7, 16}) {
      EXPECT_EQ(Describe(Spread(values, workers, seed + 1, 100)), Describe(one)) << workers;
    }
  }
}

TEST(FieldAccumulator, ExactUpToTheCapacityHoweverSplit) {
  CountedValues values;
  for (size_t i = 0; i < ValueCounts::kCapacity; ++i) {
    values.emplace_back(std::to_string(i), 1 + i % 3);
  }
  for (const size_t workers : {1, 5}) {
    EXPECT_FALSE(Spread(values, workers, 1).approximate);
  }
  values.emplace_back("one more", 1);
  for (const size_t workers : {1, 5}) {
    EXPECT_TRUE(Spread(values, workers, 1).approximate);
  }
}

TEST(FieldAccumulator, FrequentValuesAreFoundAmongMany) {
  const CountedValues values = Skewed(200000, 400000, 3);
  const auto truth = Truth(values);
  const uint64_t lines = Lines(values);
  for (const size_t workers : {1, 4, 16}) {
    const FieldStats stats = Spread(values, workers, 9, 20);
    ASSERT_TRUE(stats.approximate);
    EXPECT_EQ(stats.present, lines);
    // Counts are at most count_error too low and never too high.
    EXPECT_LE(stats.count_error, 2 * lines / (ValueCounts::kCapacity / 2)) << workers;
    for (const FieldValue& value : stats.values) {
      const uint64_t exact = truth.at(value.value);
      EXPECT_LE(value.count, exact);
      EXPECT_GE(value.count + stats.count_error, exact);
    }
    // The ten most frequent ones are all there, in order.
    std::vector<std::pair<uint64_t, std::string>> best;
    for (const auto& [value, count] : truth) {
      best.emplace_back(count, value);
    }
    std::sort(best.rbegin(), best.rend());
    for (size_t i = 0; i < 10; ++i) {
      EXPECT_EQ(stats.values[i].value, best[i].second) << i;
    }
  }
}

TEST(FieldAccumulator, DistinctValuesAreEstimatedAlikeHoweverSplit) {
  for (const uint64_t distinct : {3000, 10000, 100000}) {
    CountedValues values;
    for (uint64_t i = 0; i < distinct; ++i) {
      values.emplace_back("id-" + std::to_string(i * 7919), 1);
    }
    const uint64_t estimate = Spread(values, 1, 1).distinct;
    EXPECT_NEAR(static_cast<double>(estimate), static_cast<double>(distinct),
                0.05 * static_cast<double>(distinct));
    EXPECT_EQ(Spread(values, 8, 2).distinct, estimate);
  }
}

TEST(FieldAccumulator, QuantilesOfManyNumbersAreClose) {
  std::mt19937_64 random(5);
  std::lognormal_distribution<double> latency(3, 1.5);
  std::vector<double> numbers;
  CountedValues values;
  for (int i = 0; i < 50000; ++i) {
    const double number = i % 3 == 0 ? -latency(random) : latency(random);
    numbers.push_back(number);
    values.emplace_back(std::to_string(number), 1);
  }
  std::sort(numbers.begin(), numbers.end());
  for (const size_t workers : {1, 6}) {
    const FieldStats stats = Spread(values, workers, 3);
    ASSERT_TRUE(stats.approximate && stats.numbers.has_value());
    const NumberSummary& n = stats.numbers->summary;
    EXPECT_EQ(n.count, 50000);
    const auto close = [&](double estimate, double q) {
      const double exact = numbers[static_cast<size_t>(q * 50000) - 1];
      EXPECT_NEAR(estimate, exact, 0.004 * std::abs(exact) + 1e-5) << q;
    };
    close(n.p50, 0.5);
    close(n.p90, 0.9);
    close(n.p99, 0.99);
    EXPECT_NEAR(n.min, numbers.front(), 1e-6);
    EXPECT_NEAR(n.max, numbers.back(), 1e-6);
  }
}

TEST(FieldAccumulator, ShrinkingKeepsWhatIsFrequent) {
  FieldAccumulator field;
  for (int i = 0; i < 1000; ++i) {
    field.Add("rare " + std::to_string(i), 1);
  }
  field.Add("frequent", 500);
  const size_t before = field.MemoryBytes();
  field.Shrink();
  EXPECT_LT(field.MemoryBytes(), before);
  const FieldStats stats = field.Finish(1, 1500);
  EXPECT_TRUE(stats.approximate);
  EXPECT_EQ(stats.values.at(0).value, "frequent");
  EXPECT_EQ(stats.values.at(0).count + stats.count_error, 500);
  EXPECT_NEAR(static_cast<double>(stats.distinct), 1001, 50);
}

TEST(FieldAccumulator, MemoryIsBounded) {
  FieldAccumulator field;
  for (int i = 0; i < 300000; ++i) {
    field.Add(std::string(200, 'x') + std::to_string(i), 1);
  }
  EXPECT_LT(field.MemoryBytes(), 512 << 10);
}

}  // namespace
}  // namespace skald::logql

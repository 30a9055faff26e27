#include "logql/stages/value_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace skald::logql {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ValueTextTest, ReadsNumbersAsGoDoes) {
  const struct {
    const char* text;
    double value;
  } rows[] = {
      {"0", 0},         {"12", 12},         {"-1.5", -1.5},      {"+1.5", 1.5},
      {".5", 0.5},      {"5.", 5},          {"1e3", 1000},       {"1E-3", 0.001},
      {"007", 7},       {"inf", kInfinity}, {"+Inf", kInfinity}, {"-INFINITY", -kInfinity},
      {"0x1p4", 16},    {"-0X.8p1", -1},    {"1e-400", 0},       {"1_000.0_1", 1000.01},
      {"0x_1_0p0", 16}, {"1e1_0", 1e10},
  };
  for (const auto& row : rows) {
    double value = -7;
    EXPECT_TRUE(ParseGoFloat(row.text, value)) << row.text;
    EXPECT_EQ(value, row.value) << row.text;
  }
  double value = 0;
  EXPECT_TRUE(ParseGoFloat("NaN", value));
  EXPECT_TRUE(std::isnan(value));
}

TEST(ValueTextTest, ReadsDecimalsToTheLastBit) {
  std::mt19937_64 random(7);
  for (size_t i = 0; i < 20000; ++i) {
    std::string text = std::to_string(random() >> random() % 64);
    if (i % 4 != 0) text.insert(random() % (text.size() + 1), ".");
    if (text == ".") continue;
    double value = -7;
    ASSERT_TRUE(ParseGoFloat(text, value)) << text;
    ASSERT_EQ(value, std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(ValueTextTest, RefusesWhatIsNoNumber) {
  for (const char* text : {"",   " 1",   "1 ",   "1x",    "--1",     "+-1",  "e3",    "1e",
                           ".",  "0x10", "0x",   "1,000", "infinit", "nano", "1e400", "+nan",
                           "_1", "1_",   "1__0", "1_.5",  "1e_1",    "0x_p1"}) {
    double value = 0;
    EXPECT_FALSE(ParseGoFloat(text, value)) << text;
  }
}

TEST(ValueTextTest, ReadsDurationsAndSizes) {
  int64_t ns = 0;
  EXPECT_TRUE(ParseDurationText("-1h1.5s", ns));
  EXPECT_EQ(ns, -3'601'500'000'000);
  EXPECT_FALSE(ParseDurationText("1d", ns));
  EXPECT_FALSE(ParseDurationText("5", ns));
  uint64_t bytes = 0;
  EXPECT_TRUE(ParseBytesText("1.5 KiB", bytes));
  EXPECT_EQ(bytes, 1536U);
  EXPECT_TRUE(ParseBytesText("20mb", bytes));
  EXPECT_EQ(bytes, 20'000'000U);
  EXPECT_FALSE(ParseBytesText("-1", bytes));
}

TEST(ValueTextTest, SaysWhatIsWrongInGosWords) {
  const struct {
    ValueKind kind;
    const char* text;
    const char* error;
  } rows[] = {
      {ValueKind::kNumber, "x\"y", "strconv.ParseFloat: parsing \"x\\\"y\": invalid syntax"},
      {ValueKind::kNumber, "", "strconv.ParseFloat: parsing \"\": invalid syntax"},
      {ValueKind::kNumber, "1e400", "strconv.ParseFloat: parsing \"1e400\": value out of range"},
      {ValueKind::kDuration, "soon", "time: invalid duration \"soon\""},
      {ValueKind::kDuration, "5", "time: missing unit in duration \"5\""},
      {ValueKind::kDuration, "5x", "time: unknown unit \"x\" in duration \"5x\""},
      {ValueKind::kBytes, "big", "strconv.ParseFloat: parsing \"\": invalid syntax"},
      {ValueKind::kBytes, "5 apples", "unhandled size name: apples"},
  };
  for (const auto& row : rows) EXPECT_EQ(ValueErrorText(row.kind, row.text), row.error);
}

}  // namespace
}  // namespace skald::logql

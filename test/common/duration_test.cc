#include "common/duration.h"

#include <gtest/gtest.h>

#include <random>

#include "support/matchers.h"

namespace skald {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::HasMessage;
using test::IsOk;

TEST(DurationTest, ReadsPrometheusDurations) {
  struct Row {
    std::string text;
    Nanoseconds value;
  };
  const std::vector<Row> rows = {
      {"0", Nanoseconds(0)},   {"0s", Nanoseconds(0)},
      {"5m", minutes(5)},      {"1h30m", minutes(90)},
      {"1d", hours(24)},       {"1w", hours(168)},
      {"1y", hours(24 * 365)}, {"1w2d3h4m5s6ms", hours(219) + minutes(4) + milliseconds(5006)},
      {"90m", minutes(90)},    {"15ms", milliseconds(15)},
      {"007s", seconds(7)},
  };
  for (const Row& row : rows) {
    const auto value = ParsePrometheusDuration(row.text);
    ASSERT_THAT(value, IsOk()) << row.text;
    EXPECT_EQ(*value, row.value) << row.text;
  }
}

TEST(DurationTest, RefusesWhatPrometheusRefuses) {
  for (const std::string text : {"1", "m", "1m1h", "1h1h", "-5m", "+1s"}) {
    EXPECT_THAT(ParsePrometheusDuration(text),
                HasMessage("not a valid duration string: \"" + text + "\""));
  }
  for (const std::string unit : {".", " m", "minutes", "M", "us"}) {
    EXPECT_THAT(ParsePrometheusDuration("5" + unit),
                HasMessage("unknown unit \"" + unit + "\" in duration \"5" + unit + "\""));
  }
  EXPECT_THAT(ParsePrometheusDuration(""), HasMessage("empty duration string"));
  EXPECT_THAT(ParsePrometheusDuration("300y"), HasMessage("duration out of range"));
  EXPECT_THAT(ParsePrometheusDuration("99999999999999999999s"),
              HasMessage("duration out of range"));
}

TEST(DurationTest, ReadsGoDurations) {
  struct Row {
    std::string text;
    int64_t ns;
  };
  const std::vector<Row> rows = {
      {"0", 0},
      {"-0", 0},
      {"1.5h", 5400'000'000'000},
      {"-300ms", -300'000'000},
      {"+5s", 5'000'000'000},
      {"1h2m3.004s", 3723'004'000'000},
      {".5s", 500'000'000},
      {"1.s", 1'000'000'000},
      {"3ns", 3},
      {"7us", 7000},
      {"7\u00b5s", 7000},
      {"7\u03bcs", 7000},
      {"0.1s", 100'000'000},
      {"0.3333333333333333333h", 1'200'000'000'000},
      {"9223372036854775807ns", 9223372036854775807},
      {"-9223372036854775808ns", -9223372036854775807 - 1},
  };
  for (const Row& row : rows) {
    const auto value = ParseGoDuration(row.text);
    ASSERT_THAT(value, IsOk()) << row.text;
    EXPECT_EQ(value->count(), row.ns) << row.text;
  }
}

TEST(DurationTest, RefusesInGosWords) {
  struct Row {
    std::string text;
    std::string message;
  };
  const std::vector<Row> rows = {
      {"", R"(time: invalid duration "")"},
      {"-", R"(time: invalid duration "-")"},
      {"abc", R"(time: invalid duration "abc")"},
      {".s", R"(time: invalid duration ".s")"},
      {"3", R"(time: missing unit in duration "3")"},
      {"3s4", R"(time: missing unit in duration "3s4")"},
      {"3d", R"(time: unknown unit "d" in duration "3d")"},
      {"1s2 m", R"(time: unknown unit " m" in duration "1s2 m")"},
      {"9223372036854775808ns", R"(time: invalid duration "9223372036854775808ns")"},
      {"5\u00b5", R"(time: unknown unit "\xc2\xb5" in duration "5\xc2\xb5")"},
      {"a\n\"", R"(time: invalid duration "a\x0a\"")"},
      {"2562048h", R"(time: invalid duration "2562048h")"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(ParseGoDuration(row.text), HasMessage(row.message)) << row.text;
  }
}

TEST(DurationTest, SettingsTakeEitherForm) {
  EXPECT_EQ(*ParseDuration("1d"), hours(24));
  EXPECT_EQ(*ParseDuration("1.5h"), minutes(90));
  EXPECT_THAT(ParseDuration("soon"), HasMessage("not a valid duration string: \"soon\""));
}

TEST(DurationTest, PrintsDurations) {
  struct Row {
    Nanoseconds value;
    std::string prometheus;
    std::string go;
  };
  const std::vector<Row> rows = {
      {Nanoseconds(0), "0s", "0s"},
      {minutes(90), "1h30m", "1h30m0s"},
      {hours(24), "1d", "24h0m0s"},
      {hours(168), "1w", "168h0m0s"},
      {hours(721), "30d1h", "721h0m0s"},
      {hours(24 * 365), "1y", "8760h0m0s"},
      {hours(24 * 8), "8d", "192h0m0s"},
      {milliseconds(1500), "1s500ms", "1.5s"},
      {milliseconds(300), "300ms", "300ms"},
      {Nanoseconds(1500), "0s", "1.5\u00b5s"},
      {Nanoseconds(12), "0s", "12ns"},
      {Nanoseconds(1'000'001), "1ms", "1.000001ms"},
      {-minutes(5), "-5m", "-5m0s"},
      {Nanoseconds::min(), "-106751d23h47m16s854ms", "-2562047h47m16.854775808s"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(FormatPrometheusDuration(row.value), row.prometheus);
    EXPECT_EQ(FormatGoDuration(row.value), row.go);
  }
}

TEST(DurationTest, GoDurationsReadBackTheSame) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20000; ++i) {
    const auto ns = static_cast<int64_t>(random() >> (random() % 64));
    const std::string text = FormatGoDuration(Nanoseconds(ns));
    const auto value = ParseGoDuration(text);
    ASSERT_THAT(value, IsOk()) << text;
    ASSERT_EQ(value->count(), ns) << text;
  }
}

TEST(ByteSizeTest, ReadsAndPrintsSizesOfSettings) {
  struct Row {
    std::string text;
    uint64_t bytes;
    std::string printed;
  };
  const std::vector<Row> rows = {
      {"0", 0, "0B"},
      {"100", 100, "100B"},
      {"1KB", 1024, "1KB"},
      {"3mb", 3 << 20, "3MB"},
      {"1.5MB", 1572864, "1536KB"},
      {"64 KB", 65536, "64KB"},
      {"1GiB", 1 << 30, "1GB"},
      {"2G", 2ull << 30, "2GB"},
      {"1EB", 1ull << 60, "1EB"},
      {"18446744073709551615", ~0ull, "18446744073709551615B"},
  };
  for (const Row& row : rows) {
    const auto bytes = ParseByteSize(row.text);
    ASSERT_THAT(bytes, IsOk()) << row.text;
    EXPECT_EQ(*bytes, row.bytes) << row.text;
    EXPECT_EQ(FormatByteSize(row.bytes), row.printed);
  }
  for (const char* text : {"", "MB", "1XB", "-1", "1.2.3", "16EB", "99999999999999999999", "1 2"}) {
    EXPECT_FALSE(ParseByteSize(text).ok()) << text;
  }
}

TEST(ByteSizeTest, ReadsSizesOfQueries) {
  struct Row {
    std::string text;
    uint64_t bytes;
  };
  const std::vector<Row> rows = {
      {"20MB", 20'000'000}, {"1kB", 1000},
      {"1KiB", 1024},       {"1.5 GB", 1'500'000'000},
      {"42", 42},           {"2b", 2},
      {"1.9B", 1},          {"1,000", 1000},
      {"1tib", 1ull << 40}, {"1PB", 1000000000000000},
      {"3k", 3000},
  };
  for (const Row& row : rows) {
    const auto bytes = ParseHumanBytes(row.text);
    ASSERT_THAT(bytes, IsOk()) << row.text;
    EXPECT_EQ(*bytes, row.bytes) << row.text;
  }
  EXPECT_THAT(ParseHumanBytes("5ParSecs"), HasMessage("unhandled size name: parsecs"));
  EXPECT_FALSE(ParseHumanBytes(" 5KB").ok());
}

TEST(ByteSizeTest, PrintsSizesForPeople) {
  struct Row {
    uint64_t bytes;
    std::string human;
    std::string iec;
  };
  const std::vector<Row> rows = {
      {0, "0B", "0 B"},
      {5, "5B", "5 B"},
      {512, "512B", "512 B"},
      {1000, "1.0kB", "1000 B"},
      {1536, "1.5kB", "1.5 KiB"},
      {20'000'000, "20MB", "19 MiB"},
      {1610612736, "1.6GB", "1.5 GiB"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(FormatHumanBytes(row.bytes), row.human);
    EXPECT_EQ(FormatIecBytes(row.bytes), row.iec);
  }
}

}  // namespace
}  // namespace skald

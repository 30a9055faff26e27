#include "wire/rfc3339.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald::wire {
namespace {

using test::HasCode;
using test::IsOk;

TEST(Rfc3339Test, ReadsTimes) {
  struct Row {
    std::string text;
    int64_t time_ns;
  };
  const std::vector<Row> rows = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:00.000000001Z", 1},
      {"1970-01-01T00:00:00.0000000019Z", 1},
      {"1969-12-31T23:59:59.5Z", -500'000'000},
      {"2026-01-15T11:00:00Z", 1768474800'000000000},
      {"2026-01-15T11:00:00.123456789Z", 1768474800'123456789},
      {"2026-01-15T11:00:00.5-00:00", 1768474800'500000000},
      {"2026-01-15T13:30:00+02:30", 1768474800'000000000},
      {"2026-01-15T08:00:00-03:00", 1768474800'000000000},
      {"2024-02-29T00:00:00Z", 1709164800'000000000},
      {"2026-01-15T9:00:00Z", 1768467600'000000000},
      {"2026-01-15T11:00:00,5Z", 1768474800'500000000},
      {"2026-01-15T12:00:00+00:60", 1768474800'000000000},
  };
  for (const Row& row : rows) {
    const auto time_ns = ParseRfc3339(row.text);
    ASSERT_THAT(time_ns, IsOk()) << row.text;
    EXPECT_EQ(*time_ns, row.time_ns) << row.text;
  }
}

TEST(Rfc3339Test, RefusesWhatIsNoTime) {
  const std::vector<std::string> rows = {
      "",
      "2026-01-15",
      "2026-01-15 11:00:00",
      "2026-01-15T11:00:00",
      "2026-01-15T11:00Z",
      "2026-01-15t11:00:00Z",
      "2026-01-15T11:00:00z",
      "2026-01-15T11:00:00.Z",
      "2026-01-15T11:00:00+0200",
      "2026-01-15T11:00:00Z ",
      "2026-13-15T11:00:00Z",
      "2025-02-29T11:00:00Z",
      "2026-01-15T24:00:00Z",
      "2026-01-15T:00:00Z",
      "2026-01-15T011:00:00Z",
      "2026-01-15T11:00:00+00:61",
      "2026-01-15T11:60:00Z",
      "2026-01-15T11:00:60Z",
      "1768474800000000000",
  };
  for (const std::string& text : rows) {
    EXPECT_THAT(ParseRfc3339(text), HasCode(StatusCode::kInvalidArgument)) << text;
  }
  for (const std::string text : {"0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z"}) {
    EXPECT_THAT(ParseRfc3339(text), HasCode(StatusCode::kOutOfRange)) << text;
  }
}

TEST(Rfc3339Test, PrintsWholeSecondsTowardsThePast) {
  struct Row {
    int64_t time_ns;
    std::string text;
  };
  const std::vector<Row> rows = {
      {0, "1970-01-01T00:00:00Z"},
      {-1, "1969-12-31T23:59:59Z"},
      {1'700'000'000, "1970-01-01T00:00:01Z"},
      {std::numeric_limits<int64_t>::max(), "2262-04-11T23:47:16Z"},
      {std::numeric_limits<int64_t>::min(), "1677-09-21T00:12:43Z"},
  };
  for (const Row& row : rows) {
    std::string out;
    AppendRfc3339(out, row.time_ns);
    EXPECT_EQ(out, row.text);
  }
}

TEST(Rfc3339Test, PrintsFractionsWithoutTrailingZeros) {
  struct Row {
    int64_t time_ns;
    std::string text;
  };
  const std::vector<Row> rows = {
      {0, "1970-01-01T00:00:00Z"},
      {1, "1970-01-01T00:00:00.000000001Z"},
      {500'000'000, "1970-01-01T00:00:00.5Z"},
      {-1, "1969-12-31T23:59:59.999999999Z"},
  };
  for (const Row& row : rows) {
    std::string out;
    AppendRfc3339Nano(out, row.time_ns);
    EXPECT_EQ(out, row.text);
  }
}

TEST(Rfc3339Test, ReadsBackWhatItPrints) {
  constexpr unsigned kSeed = 7;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 10'000; ++i) {
    const auto time_ns = static_cast<int64_t>(random());
    std::string out;
    AppendRfc3339Nano(out, time_ns);
    const auto read = ParseRfc3339(out);
    // The first second of the range is cut by it: its whole seconds do not fit.
    if (time_ns < std::numeric_limits<int64_t>::min() + 1'000'000'000) continue;
    ASSERT_THAT(read, IsOk()) << out;
    ASSERT_EQ(*read, time_ns) << out;
  }
}

}  // namespace
}  // namespace skald::wire

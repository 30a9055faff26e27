#include "common/civil_time.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <limits>
#include <string>

namespace skald {
namespace {

std::string Text(int64_t time_ns) {
  const CivilTime t = ToCivilTime(time_ns);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d.%09d", t.year, t.month, t.day,
                t.hour, t.minute, t.second, t.nanos);
  return text;
}

TEST(CivilTimeTest, SplitsTimesBeforeAndAfterTheEpoch) {
  EXPECT_EQ(Text(0), "1970-01-01 00:00:00.000000000");
  EXPECT_EQ(Text(-1), "1969-12-31 23:59:59.999999999");
  EXPECT_EQ(Text(951'782'400'000'000'001), "2000-02-29 00:00:00.000000001");
  EXPECT_EQ(Text(-2'203'891'200'000'000'000), "1900-03-01 00:00:00.000000000");
}

TEST(CivilTimeTest, TakesTheFirstAndTheLastTimeThereIs) {
  EXPECT_EQ(Text(std::numeric_limits<int64_t>::min()), "1677-09-21 00:12:43.145224192");
  EXPECT_EQ(Text(std::numeric_limits<int64_t>::max()), "2262-04-11 23:47:16.854775807");
}

}  // namespace
}  // namespace skald

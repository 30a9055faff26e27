#include "api/request_params.h"

#include <gtest/gtest.h>

#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::api {
namespace {

using test::HasMessage;
using test::IsOk;
using test::kSecond;

constexpr int64_t kNow = 1'700'000'000 * kSecond;

net::Form FormOf(std::string_view text) {
  net::Form form;
  EXPECT_THAT(net::ParseUrlEncoded(text, form), IsOk());
  return form;
}

TEST(ParseTimeTest, ReadsWhatClientsSend) {
  const struct {
    const char* text;
    int64_t time_ns;
  } rows[] = {
      {"1700000000", kNow},
      {"1700000000000000001", kNow + 1},
      {"1700000000.5", kNow + kSecond / 2},
      {"1700000000.0004", kNow},
      {"-1", -kSecond},
      {"2023-11-14T22:13:20Z", kNow},
      {"2023-11-14T23:13:20.000000001+01:00", kNow + 1},
  };
  for (const auto& row : rows) {
    const auto time = ParseTime(row.text);
    ASSERT_THAT(time, IsOk()) << row.text;
    EXPECT_EQ(*time, row.time_ns) << row.text;
  }
}

TEST(ParseTimeTest, ComplainsAsGoDoes) {
  EXPECT_THAT(ParseTime("yesterday"),
              HasMessage("strconv.ParseInt: parsing \"yesterday\": invalid syntax"));
  EXPECT_THAT(ParseTime("99999999999999999999"),
              HasMessage("strconv.ParseInt: parsing \"99999999999999999999\": value out of range"));
}

TEST(ParseTimeTest, WhatIsTooFarIsTheEndOfTime) {
  constexpr int64_t kEnd = 9'200'000'000 * kSecond;
  EXPECT_EQ(*ParseTime("9200000000"), kEnd);
  EXPECT_EQ(*ParseTime("9199999999999999999"), kEnd - 1);
  for (const char* text : {"9999999999", "9999999999.5", "1.5e300", "9223372036854775807",
                           "9999-12-31T23:59:59Z", "2262-01-01T00:00:00Z"}) {
    EXPECT_EQ(*ParseTime(text), kEnd) << text;
  }
  for (const char* text :
       {"-9223372036854775808", "-1.5e300", "0001-01-01T00:00:00Z", "1677-12-31T23:59:59Z"}) {
    EXPECT_EQ(*ParseTime(text), -kEnd) << text;
  }
}

TEST(ParseStepTest, ReadsSecondsAndDurations) {
  EXPECT_EQ(*ParseStep("0.5"), kSecond / 2);
  EXPECT_EQ(*ParseStep("90"), 90 * kSecond);
  EXPECT_EQ(*ParseStep("1m30s"), 90 * kSecond);
  EXPECT_EQ(*ParseStep("-5"), -5 * kSecond);
  EXPECT_THAT(ParseStep("x"), HasMessage("cannot parse \"x\" to a valid duration"));
  EXPECT_THAT(ParseStep("1e300"),
              HasMessage("cannot parse \"1e300\" to a valid duration. It overflows int64"));
}

TEST(ReadBoundsTest, DefaultsToTheLastHour) {
  const auto bounds = ReadBounds(FormOf(""), kNow);
  ASSERT_THAT(bounds, IsOk());
  EXPECT_EQ(bounds->end_ns, kNow);
  EXPECT_EQ(bounds->start_ns, kNow - 3600 * kSecond);
}

TEST(ReadBoundsTest, SinceCountsFromTheEndOrNow) {
  EXPECT_EQ(ReadBounds(FormOf("end=1600000000&since=2h"), kNow)->start_ns,
            (1'600'000'000 - 7200) * kSecond);
  EXPECT_EQ(ReadBounds(FormOf("end=1800000000&since=2h"), kNow)->start_ns, kNow - 7200 * kSecond);
}

TEST(ReadBoundsTest, NamesTheBadParameter) {
  EXPECT_THAT(ReadBounds(FormOf("start=x"), kNow),
              HasMessage("could not parse 'start' parameter: strconv.ParseInt: parsing \"x\": "
                         "invalid syntax"));
  EXPECT_THAT(ReadBounds(FormOf("since=x"), kNow),
              HasMessage("could not parse 'since' parameter: not a valid duration string: \"x\""));
  EXPECT_THAT(ReadBounds(FormOf("start=2&end=1"), kNow),
              HasMessage("end timestamp must not be before or equal to start time"));
}

TEST(ReadBoundsTest, RefusesALengthThatDoesNotFit) {
  const char* const kForms[] = {"start=-9223372036854775808&end=9223372036854775807",
                                "start=-999999999&end=9223372036",
                                "end=-9223372036854775808&since=200y"};
  for (const char* form : kForms) {
    EXPECT_THAT(ReadBounds(FormOf(form), kNow),
                HasMessage("the time from start to end is longer than 292 years"))
        << form;
  }
}

TEST(ReadBoundsTest, TakesAnEndThatMeansForEver) {
  const auto bounds = ReadBounds(FormOf("start=1700000000&end=9999999999"), kNow);
  ASSERT_THAT(bounds, IsOk());
  EXPECT_EQ(bounds->start_ns, kNow);
  EXPECT_GT(bounds->end_ns, kNow);
}

TEST(ReadStepTest, AimsAt250Points) {
  EXPECT_EQ(*ReadStep(FormOf(""), {.start_ns = 0, .end_ns = 3600 * kSecond}), 14 * kSecond);
  EXPECT_EQ(*ReadStep(FormOf(""), {.start_ns = 0, .end_ns = 0}), kSecond);
}

TEST(ReadStepTest, RefusesNoneAndTooMany) {
  const TimeBounds hour = {.start_ns = 0, .end_ns = 3600 * kSecond};
  EXPECT_THAT(ReadStep(FormOf("step=0"), hour),
              HasMessage(testing::StartsWith("zero or negative query resolution")));
  EXPECT_THAT(ReadStep(FormOf("step=0.1"), hour),
              HasMessage(testing::StartsWith("exceeded maximum resolution of 11,000 points")));
  EXPECT_EQ(*ReadStep(FormOf("step=1.0009"), hour), 1'000'000'000) << "cut to milliseconds";
}

TEST(ReadLimitTest, TakesPositiveNumbersOf32Bits) {
  EXPECT_EQ(*ReadLimit(FormOf(""), "limit", 100), 100u);
  EXPECT_EQ(*ReadLimit(FormOf("limit=4294967295"), "limit", 100), 4294967295u);
  EXPECT_THAT(ReadLimit(FormOf("limit=0"), "limit", 100),
              HasMessage("limit must be a positive value"));
  EXPECT_THAT(ReadLimit(FormOf("limit=abc"), "limit", 100),
              HasMessage("strconv.Atoi: parsing \"abc\": invalid syntax"));
  EXPECT_THAT(ReadLimit(FormOf("limit=4294967296"), "limit", 100),
              HasMessage("limit value 4294967296 is out of range [0, 4294967295]"));
}

TEST(ReadRangeQueryTest, ReadsDirectionAndInterval) {
  const auto query =
      ReadRangeQuery(FormOf("query={a%3D%22b%22}&direction=FORWARD&interval=5s"), kNow);
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->text, "{a=\"b\"}");
  EXPECT_EQ(query->direction, model::Direction::kForward);
  EXPECT_EQ(query->interval_ns, 5 * kSecond);
  EXPECT_THAT(ReadRangeQuery(FormOf("direction=sideways"), kNow),
              HasMessage("invalid direction 'sideways'"));
  EXPECT_THAT(ReadRangeQuery(FormOf("interval=-1"), kNow), HasMessage("interval must be >= 0"));
}

TEST(ReadInstantQueryTest, IsAboutNowByDefault) {
  EXPECT_EQ(ReadInstantQuery(FormOf("query=1"), kNow)->end_ns, kNow);
  EXPECT_EQ(ReadInstantQuery(FormOf("time=1600000000"), kNow)->end_ns, 1'600'000'000 * kSecond);
}

TEST(ReadTailQueryTest, BeginsAnHourAgoAndReachesALittleBeyondNow) {
  const auto request = ReadTailQuery(FormOf("query=%7Ba%3D%22b%22%7D"), kNow);
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(request->text, R"({a="b"})");
  EXPECT_EQ(request->start_ns, kNow - 3600 * kSecond);
  EXPECT_GT(request->end_ns, kNow);
  EXPECT_EQ(request->limit, 100u);
  EXPECT_FALSE(request->has_time_range);
}

TEST(ReadTailQueryTest, TakesAStartAheadOfTheClock) {
  const auto request = ReadTailQuery(FormOf("start=1700000005&limit=7"), kNow);
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(request->start_ns, kNow + 5 * kSecond);
  EXPECT_EQ(request->limit, 7u);
  const auto far = ReadTailQuery(FormOf("start=1900000000"), kNow);
  ASSERT_THAT(far, IsOk());
  EXPECT_EQ(far->start_ns, far->end_ns);
}

TEST(ReadTailDelayTest, TakesUpToFiveWholeSeconds) {
  EXPECT_EQ(*ReadTailDelay(FormOf("")), 0);
  EXPECT_EQ(*ReadTailDelay(FormOf("delay_for=5")), 5 * kSecond);
  EXPECT_THAT(ReadTailDelay(FormOf("delay_for=6")),
              HasMessage("delay_for can't be greater than 5"));
  EXPECT_THAT(ReadTailDelay(FormOf("delay_for=-1")), HasMessage("delay_for can't be negative"));
  EXPECT_THAT(ReadTailDelay(FormOf("delay_for=1s")),
              HasMessage("strconv.Atoi: parsing \"1s\": invalid syntax"));
}

}  // namespace
}  // namespace skald::api

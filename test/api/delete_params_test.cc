#include "api/delete_params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "net/http_types.h"
#include "support/matchers.h"

namespace skald::api {
namespace {

using std::chrono::hours;
using test::HasMessage;
using test::IsOk;

constexpr int64_t kNowNs = 1'700'010'000'000'000'000;

Result<deletes::DeleteRequest> Read(const std::string& url_query) {
  net::Form params;
  EXPECT_THAT(net::ParseUrlEncoded(url_query, params), IsOk());
  return ReadDeleteRequest(params, kNowNs, hours(24));
}

TEST(DeleteParamsTest, ReadsSecondsAndDates) {
  EXPECT_EQ(*ReadDeleteTime("1700000000", "start"), 1'700'000'000'000);
  EXPECT_EQ(*ReadDeleteTime("-100000000", "start"), -100'000'000'000);
  EXPECT_EQ(*ReadDeleteTime("2023-11-14T22:13:20.5Z", "start"), 1'700'000'000'500);
  for (const char* text :
       {"170000000", "17000000000", "1700000000.5", "170000000x", "+-00000001"}) {
    EXPECT_THAT(ReadDeleteTime(text, "end"),
                HasMessage("invalid end time: require unix seconds or RFC3339 format"))
        << text;
  }
}

TEST(DeleteParamsTest, ARequestEndsNowUnlessItSaysElse) {
  const auto request = Read("query={a=\"b\"}&start=1700000000");
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(request->query, "{a=\"b\"}");
  EXPECT_EQ(request->start_ms, 1'700'000'000'000);
  EXPECT_EQ(request->end_ms, kNowNs / 1'000'000);
}

TEST(DeleteParamsTest, NamesWhatIsMissingOrWrong) {
  EXPECT_THAT(Read("start=1700000000"), HasMessage("query not set"));
  EXPECT_THAT(Read("query={a=&start=1700000000"), HasMessage("invalid query expression"));
  EXPECT_THAT(Read("query={a=\"b\"}"), HasMessage("start time not set"));
  EXPECT_THAT(Read("query={a=\"b\"}&start=1700000000&end=1700010001"),
              HasMessage("deletes in the future are not allowed"));
  EXPECT_THAT(Read("query={a=\"b\"}&start=1700000000&end=1700000000"),
              HasMessage("start time can't be greater than or equal to end time"));
}

TEST(DeleteParamsTest, OnlyARequestWithFiltersIsCutIntoPieces) {
  const std::string times = "&start=1700000000&end=1700010000";
  EXPECT_EQ(Read("query={a=\"b\"}&max_interval=nonsense" + times)->piece_ms, 0);
  const std::string filtered = "query={a=\"b\"}|=\"x\"" + times;
  EXPECT_EQ(Read(filtered)->piece_ms, 86'400'000);
  EXPECT_EQ(Read(filtered + "&max_interval=30m")->piece_ms, 1'800'000);
  for (const char* text : {"nonsense", "500ms", "1d"}) {
    EXPECT_THAT(Read(filtered + "&max_interval=" + text),
                HasMessage("invalid max_interval: valid time units are 's', 'm', 'h'"))
        << text;
  }
  EXPECT_THAT(Read(filtered + "&max_interval=25h"),
              HasMessage("max_interval can't be greater than 24h0m0s"));
  EXPECT_THAT(
      Read(filtered + "&max_interval=3h"),
      HasMessage("max_interval can't be greater than the interval to be deleted (2h46m40s)"));
}

}  // namespace
}  // namespace skald::api

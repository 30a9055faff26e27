#include "common/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasMessage;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string Logged(LogLevel level, std::string_view message,
                   std::initializer_list<LogField> fields = {}) {
  testing::internal::CaptureStderr();
  Log(level, message, fields);
  return testing::internal::GetCapturedStderr();
}

TEST(LoggingTest, WritesOneLogfmtLine) {
  const std::string line = Logged(
      LogLevel::kWarn, "slow \"query\"",
      {{"tenant", "a"}, {"query", "{a=\"b\"}\n"}, {"count", 3}, {"cached", true}, {"n", ""}});
  EXPECT_THAT(line, MatchesRegex("ts=....-..-..T..:..:..\\.......Z level=warn .*\n"));
  EXPECT_THAT(line, HasSubstr(R"( msg="slow \"query\"" tenant=a query="{a=\"b\"}\n" count=3)"
                              " cached=true n=\n"));
}

TEST(LoggingTest, WritesOneJsonObjectWhereThatIsWanted) {
  SetLogFormat(LogFormat::kJson);
  const std::string line =
      Logged(LogLevel::kWarn, "slow \"query\"", {{"query", "{a=\"b\"}\n"}, {"count", 3}});
  SetLogFormat(LogFormat::kLogfmt);
  EXPECT_THAT(line, MatchesRegex("\\{\"ts\":\"....-..-..T..:..:..\\.......Z\",.*\\}\n"));
  EXPECT_THAT(line, HasSubstr(R"(,"level":"warn","msg":"slow \"query\"","query":)"
                              R"("{a=\"b\"}\n","count":"3"})"));
}

TEST(LoggingTest, LeavesOutWhatIsBelowTheLevel) {
  EXPECT_EQ(Logged(LogLevel::kDebug, "noise"), "");
  SetLogLevel(LogLevel::kDebug);
  EXPECT_NE(Logged(LogLevel::kDebug, "noise"), "");
  SetLogLevel(LogLevel::kInfo);
}

TEST(LoggingTest, LevelsHaveNames) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
    EXPECT_EQ(*ParseLogLevel(LogLevelName(level)), level);
  }
  EXPECT_EQ(*ParseLogFormat("json"), LogFormat::kJson);
  EXPECT_EQ(*ParseLogFormat("logfmt"), LogFormat::kLogfmt);
  EXPECT_THAT(ParseLogFormat("xml"), HasMessage("unrecognized log format \"xml\""));
  EXPECT_THAT(ParseLogLevel("loud"), HasMessage("unrecognized log level \"loud\""));
}

}  // namespace
}  // namespace skald

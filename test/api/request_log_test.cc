#include "api/request_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/logging.h"
#include "support/matchers.h"

namespace skald::api {
namespace {

using testing::HasSubstr;
using testing::Not;

net::Request RequestWith(std::initializer_list<net::Headers::Field> headers) {
  net::Request request;
  request.method = "GET";
  request.target = "/ready?x=1";
  request.remote_address = "10.0.0.1:51234";
  for (const auto& [name, value] : headers) request.headers.Add(name, value);
  return request;
}

std::string Logged(const RequestLog& log, const net::Request& request) {
  testing::internal::CaptureStderr();
  log.Observe({.route = "ready", .status = 200, .seconds = 0.0015, .request = &request});
  return testing::internal::GetCapturedStderr();
}

TEST(RequestLogTest, SaysWhatWasAskedForAndHowLongItTook) {
  const net::Request request = RequestWith({{"User-Agent", "curl"}});
  const std::string line = Logged(RequestLog({.at_info = true}), request);
  EXPECT_THAT(line, HasSubstr("level=info msg=\"GET /ready?x=1 (200) 1.5ms\"\n"));
}

TEST(RequestLogTest, IsSilentBelowTheLevelOfTheLog) {
  EXPECT_EQ(Logged(RequestLog({}), RequestWith({})), "");
  SetLogLevel(LogLevel::kDebug);
  EXPECT_THAT(Logged(RequestLog({}), RequestWith({})), HasSubstr("level=debug"));
  SetLogLevel(LogLevel::kInfo);
}

TEST(RequestLogTest, TellsNoHeadersThatAreSecretOrExcluded) {
  const RequestLog log({.at_info = true, .headers = true, .excluded_headers = {"x-mine"}});
  const std::string line = Logged(log, RequestWith({{"Accept", "*/*"},
                                                    {"authorization", "Basic hush"},
                                                    {"Cookie", "hush"},
                                                    {"X-Mine", "hush"},
                                                    {"X-Scope-OrgID", "a"}}));
  EXPECT_THAT(line, HasSubstr("headers=\"Accept: */*; X-Scope-OrgID: a\""));
  EXPECT_THAT(line, Not(HasSubstr("hush")));
}

TEST(RequestLogTest, FindsTheSourceBehindProxies) {
  const struct {
    std::initializer_list<net::Headers::Field> headers;
    bool all;
    const char* ips;
  } kRows[] = {
      {{}, false, "10.0.0.1"},
      {{{"X-Forwarded-For", "1.1.1.1, 2.2.2.2"}}, false, "1.1.1.1, 10.0.0.1"},
      {{{"X-Forwarded-For", "1.1.1.1, 2.2.2.2"}}, true, "1.1.1.1, 2.2.2.2, 10.0.0.1"},
      {{{"X-Forwarded-For", "10.0.0.1"}}, false, "10.0.0.1"},
      {{{"X-Real-IP", "3.3.3.3"}}, false, "3.3.3.3, 10.0.0.1"},
      {{{"Forwarded", "proto=http;For=\"[2001:db8::1]\", for=4.4.4.4"}},
       false,
       "[2001:db8::1], 10.0.0.1"},
      {{{"Forwarded", "for="}}, false, "10.0.0.1"},
  };
  for (const auto& row : kRows) {
    const RequestLog log({.source_ips = true, .all_source_ips = row.all});
    EXPECT_EQ(log.SourceIps(RequestWith(row.headers)), row.ips);
  }
}

TEST(RequestLogTest, FindsTheSourceWhereASettingSays) {
  const RequestLog log({.at_info = true,
                        .source_ips = true,
                        .source_ip_header = "X-Client",
                        .source_ip_regex = "ip=([0-9.]+)"});
  const net::Request request =
      RequestWith({{"X-Client", "a;ip=5.5.5.5;"}, {"X-Forwarded-For", "1.1.1.1"}});
  EXPECT_THAT(Logged(log, request), HasSubstr("sourceIPs=\"5.5.5.5, 10.0.0.1\""));
  EXPECT_EQ(log.SourceIps(RequestWith({{"X-Client", "none"}})), "10.0.0.1");
}

TEST(RequestLogTest, WantsHeaderAndRegexTogether) {
  EXPECT_THAT(RequestLog::Check({}), test::IsOk());
  EXPECT_FALSE(RequestLog::Check({.source_ip_header = "X-Client"}).ok());
  EXPECT_THAT(
      std::string(RequestLog::Check({.source_ip_header = "X", .source_ip_regex = "("}).message()),
      HasSubstr("server.log_source_ips_regex: error parsing regexp"));
}

}  // namespace
}  // namespace skald::api

#include "api/metadata_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/manual_clock.h"
#include "support/time_units.h"

namespace skald::api {
namespace {

using test::kSecond;
using testing::HasSubstr;

class MetadataLogTest : public testing::Test {
 protected:
  // What is written for the answer `body` to a question about [`start_ns`, `end_ns`].
  std::string LineFor(int64_t start_ns, int64_t end_ns, Result<std::string> body) {
    test::ManualClock clock(100 * kSecond);
    net::Request request;
    request.headers.Add("User-Agent", "curl");
    request.headers.Add("traceparent", trace_parent_);
    MetadataLog log("labels", request, clock);
    querier::MetadataRequest metadata;
    metadata.tenants = {model::TenantId("t1")};
    metadata.start_ns = start_ns;
    metadata.end_ns = end_ns;
    log.Begin(metadata);
    log.SetQuery("{a=\"b\"}");
    log.SetEntries(3);
    log.Add("label", "app");
    log.AddToTime("step", "5s");
    testing::internal::CaptureStderr();
    log.Answer(std::move(body));
    return testing::internal::GetCapturedStderr();
  }

  std::string trace_parent_;
};

TEST_F(MetadataLogTest, WritesWhatWasAskedForAndHowItEnded) {
  const std::string line = LineFor(40 * kSecond, 90 * kSecond, std::string("{}"));
  EXPECT_THAT(line, HasSubstr("msg=\"query\" component=frontend org_id=t1 latency=fast "
                              "query_type=labels user_agent=curl splits=0 "
                              "start=1970-01-01T00:00:40Z end=1970-01-01T00:01:30Z "
                              "start_delta=1m0s end_delta=10s step=5s length=50s duration="));
  EXPECT_THAT(line, HasSubstr(" status=200 label=app query=\"{a=\\\"b\\\"}\" query_hash="));
  EXPECT_THAT(line, HasSubstr(" total_entries=3"));
}

TEST_F(MetadataLogTest, NamesTheTraceThatTheRequestIsPartOf) {
  trace_parent_ = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_THAT(LineFor(0, 0, std::string("{}")),
              HasSubstr(" org_id=t1 traceID=0af7651916cd43dd8448eb211c80319c latency="));
}

TEST_F(MetadataLogTest, SaysWhyThereIsNoAnswer) {
  const std::string line = LineFor(0, 0, InvalidArgument("too long"));
  EXPECT_THAT(line, HasSubstr(" status=400 "));
  EXPECT_THAT(line, HasSubstr(" err=\"too long\""));
}

TEST_F(MetadataLogTest, TakesTimesThatAreFarApart) {
  const std::string line = LineFor(std::numeric_limits<int64_t>::min(),
                                   std::numeric_limits<int64_t>::max(), std::string("{}"));
  EXPECT_THAT(line, HasSubstr(" length=2562047h47m16.854775807s "));
}

TEST_F(MetadataLogTest, IsSilentOfWhatCouldNotBeRead) {
  test::ManualClock clock(0);
  const net::Request request;
  testing::internal::CaptureStderr();
  MetadataLog("labels", request, clock).Answer(InvalidArgument("no"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace skald::api

// What a distributor counts.

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/config_node.h"
#include "common/metrics.h"
#include "distributor/distributor_fixture.h"
#include "support/matchers.h"

namespace skald::distributor {
namespace {

using test::IsOk;
using testing::HasSubstr;

using DistributorMetricsTest = DistributorFixture;

TEST_F(DistributorMetricsTest, CountsBytesByTheTimeThatTheirStreamsAreKept) {
  tenant_ = model::TenantId("kept");
  limits_.retention_period = std::chrono::hours(48);
  limits_.retention_stream = *ParseYaml("[{selector: '{t=\"x\"}', period: 24h}]");
  PushValues({R"("1234")"});
  EXPECT_THAT(Metrics::Expose(),
              HasSubstr("loki_distributor_bytes_received_total{format=\"loki\","
                        "is_internal_stream=\"false\",policy=\"\",retention_hours=\"24\","
                        "tenant=\"kept\"} 4"));
}

TEST_F(DistributorMetricsTest, CountsWhatIsRefusedByTheTimeThatItsStreamWouldBeKept) {
  tenant_ = model::TenantId("refused");
  limits_.discover_service_name.clear();
  limits_.retention_period = std::chrono::hours(48);
  limits_.retention_stream = *ParseYaml("[{selector: '{t=\"x\"}', period: 24h}]");
  limits_.max_line_size = 4;
  const std::string now = std::to_string(kNow);
  Push(R"({"stream":{"t":"x"},"values":[[")" + now + R"(","12345"],[")" + now +
       R"(","1"]]},{"stream":{"t":"y"},"values":[[")" + now + R"(","123456"]]})");
  ingester_.RefuseWith({.refusals = {{.code = StatusCode::kResourceExhausted,
                                      .message = "stream limit",
                                      .reason = "stream_limit",
                                      .stream = model::Labels{{"t", "x"}}.Hash(),
                                      .entries = 1,
                                      .bytes = 1}}});
  PushValues({R"("1")"});
  const std::string text = Metrics::Expose();
  const auto expect = [&](const std::string& reason, const std::string& hours, int bytes) {
    EXPECT_THAT(text, HasSubstr("loki_discarded_bytes_total{format=\"loki\",policy=\"\",reason=\"" +
                                reason + "\",retention_hours=\"" + hours +
                                "\",tenant=\"refused\"} " + std::to_string(bytes)));
  };
  expect("line_too_long", "24", 5);
  expect("line_too_long", "48", 6);
  expect("stream_limit", "24", 1);
}

TEST_F(DistributorMetricsTest, CountsWhatItTakesAndRefuses) {
  tenant_ = model::TenantId("counted");
  limits_.max_line_size = 4;
  PushValues({R"("1234",{"k":"v"})", R"("12")", R"("12345")"});
  const std::string text = Metrics::Expose();
  const auto expect = [&](const std::string& line) { EXPECT_THAT(text, HasSubstr(line)); };
  expect(
      "loki_distributor_bytes_received_total{format=\"loki\",is_internal_stream=\"false\","
      "policy=\"\",retention_hours=\"\",tenant=\"counted\"} 8");
  expect(
      "loki_distributor_lines_received_total{format=\"loki\",is_internal_stream=\"false\","
      "policy=\"\",tenant=\"counted\"} 2");
  expect(
      "loki_discarded_samples_total{format=\"loki\",policy=\"\",reason=\"line_too_long\","
      "retention_hours=\"\",tenant=\"counted\"} 1");
  expect(
      "loki_discarded_bytes_total{format=\"loki\",policy=\"\",reason=\"line_too_long\","
      "retention_hours=\"\",tenant=\"counted\"} 5");
}

TEST_F(DistributorMetricsTest, CountsPushesByHowTheyWereSent) {
  tenant_ = model::TenantId("forms");
  const std::string stream = R"({"stream":{"t":"x"},"values":[]})";
  const auto push = [&](const char* path, const char* type, const char* encoding) {
    EXPECT_THAT(
        Push(stream, {.path = path, .content_type = type, .content_encoding = encoding}).status,
        IsOk());
  };
  push("/loki/api/v1/push", "application/JSON; charset=utf-8", "gzip");
  push("/loki/api/v1/push", "application/json", "gzip");
  push("/logs/api/prom/push", "application/json", "");
  push("/loki/api/v1/push", "a type/of my own", "made up");
  push("", "", "");  // Of the system itself.
  const std::string text = Metrics::Expose();
  const auto expect = [&](const char* encoding, const char* type, const char* version, int count) {
    EXPECT_THAT(
        text,
        HasSubstr("loki_distributor_push_stats_count{content_encoding=\"" + std::string(encoding) +
                  "\",content_type=\"" + type + "\",content_version=\"" + version +
                  "\",format=\"loki\",tenant=\"forms\"} " + std::to_string(count) + "\n"));
  };
  expect("gzip", "application/json", "v1", 2);
  expect("", "application/json", "v0", 1);
  expect("", "application/x-protobuf", "", 1);
}

}  // namespace
}  // namespace skald::distributor

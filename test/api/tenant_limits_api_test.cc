#include "api/tenant_limits_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace skald::api {
namespace {

using testing::HasSubstr;
using testing::Not;

skald::Limits SomeLimits() {
  skald::Limits limits;
  limits.max_query_bytes_read = 40 << 10;
  limits.retention_stream = *ParseYaml("[{selector: '{a=\"b\"}', priority: 1, period: 48h}]");
  return limits;
}

class TenantLimitsApiTest : public testing::Test {
 protected:
  explicit TenantLimitsApiTest(skald::Limits limits = SomeLimits()) : limits_(std::move(limits)) {}

  TenantLimitsApi Api(std::vector<std::string> published) {
    return TenantLimitsApi({.published = std::move(published),
                            .otlp_index_labels = {"service.name"},
                            .pattern_ingester_enabled = true,
                            .version = "3.7.0"},
                           auth_, limits_);
  }
  static net::Request From(std::string_view org) {
    net::Request request;
    if (!org.empty()) request.headers.Add("X-Scope-OrgID", org);
    return request;
  }

  const TenantAuth auth_{{.enabled = false}};
  const StaticLimits limits_;
};

TEST_F(TenantLimitsApiTest, PublishesTheLimitsNamedAndNoOthers) {
  net::Request request = From("t");
  TenantLimitsApi api = Api({"volume_enabled", "max_query_length", "max_query_bytes_read"});
  EXPECT_EQ(api.Limits(request).body,
            "max_query_bytes_read: 40KB\nmax_query_length: 30d1h\nvolume_enabled: true\n");
  EXPECT_EQ(api.DrilldownLimits(request).body,
            R"({"limits":{"max_query_bytes_read":"40KB","max_query_length":"30d1h",)"
            R"("volume_enabled":true},"pattern_ingester_enabled":true,"version":"3.7.0"})"
            "\n");
}

TEST_F(TenantLimitsApiTest, AnEmptyListPublishesAll) {
  net::Request request = From("t");
  const std::string body = Api({}).DrilldownLimits(request).body;
  EXPECT_THAT(body, HasSubstr(R"("ingestion_rate_mb":4,)"));
  EXPECT_THAT(body, HasSubstr(R"("discover_service_name":["service",)"));
  EXPECT_THAT(body, HasSubstr(R"("retention_stream":[{"selector":"{a=\"b\"}","priority":1,)"));
  EXPECT_THAT(body, Not(HasSubstr("blocked_queries")));  // Not set.
}

TEST_F(TenantLimitsApiTest, ShowsNoSecrets) {
  skald::Limits limits;
  limits.ruler_remote_write_config =
      *ParseYaml("{a: {url: 'http://u:hush@a', bearer_token: hush}}");
  limits.ruler_alertmanager_config = *ParseYaml("{alertmanager_client: {credentials: hush}}");
  const StaticLimits secret(limits);
  TenantLimitsApi api({}, auth_, secret);
  net::Request request = From("t");
  for (const std::string& body : {api.Limits(request).body, api.DrilldownLimits(request).body}) {
    EXPECT_THAT(body, HasSubstr("ruler_remote_write_config"));
    EXPECT_THAT(body, HasSubstr("ruler_alertmanager_config"));
    EXPECT_THAT(body, Not(HasSubstr("hush")));
  }
}

TEST_F(TenantLimitsApiTest, WantsTheHeaderWithOneTenant) {
  const struct {
    std::string_view org;
    std::string_view message;
  } rows[] = {{"", "no org id\n"},
              {"a|b", "multiple org IDs present\n"},
              {"a/b", "tenant ID 'a/b' contains unsupported character '/'\n"}};
  for (const auto& row : rows) {
    net::Request request = From(row.org);
    const net::Response response = Api({}).Limits(request);
    EXPECT_EQ(response.status, 401) << row.org;
    EXPECT_EQ(response.body, row.message);
  }
}

class OtlpConfigViewTest : public TenantLimitsApiTest {
 protected:
  static skald::Limits WithOtlp(std::string_view yaml) {
    skald::Limits limits;
    limits.otlp_config = *ParseYaml(yaml);
    return limits;
  }
  std::string View(std::string_view yaml) {
    const StaticLimits limits(WithOtlp(yaml));
    net::Request request = From("t");
    return TenantLimitsApi({.published = {"otlp_config"}, .otlp_index_labels = {"service.name"}},
                           auth_, limits)
        .DrilldownLimits(request)
        .body;
  }
};

TEST_F(OtlpConfigViewTest, ShowsTheDefaultsBeforeWhatIsConfigured) {
  EXPECT_THAT(View(""), HasSubstr(R"({"resource_attributes":{"attributes_config":[)"
                                  R"({"action":"index_label","attributes":["service.name"]}]}})"));
  EXPECT_THAT(View("resource_attributes: {attributes_config: [{attributes: [x]}]}"),
              HasSubstr(R"("attributes":["service.name"]},)"
                        R"({"action":"structured_metadata","attributes":["x"]}])"));
}

TEST_F(OtlpConfigViewTest, LeavesOutDefaultsThatAreIgnored) {
  EXPECT_THAT(View("severity_text_as_label: true\nresource_attributes: {ignore_defaults: true}\n"
                   "log_attributes: [{action: drop, regex: 'p\\..*'}]"),
              HasSubstr(R"({"log_attributes":[{"action":"drop","regex":"p\\..*"}],)"
                        R"("resource_attributes":{"ignore_defaults":true},)"
                        R"("severity_text_as_label":true})"));
}

}  // namespace
}  // namespace skald::api

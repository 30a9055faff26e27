#include "common/tenant_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasMessage;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;

Limits Defaults() {
  Limits limits;
  limits.max_query_series = 70;
  limits.otlp_config = *ParseYaml("severity_text_as_label: true\nresource_attributes: {a: [x, y]}");
  limits.retention_stream = *ParseYaml("[{selector: '{a=\"b\"}', period: 48h}]");
  return limits;
}

class TenantLimitsTest : public testing::Test {
 protected:
  Status Load(std::string_view yaml) {
    auto document = ParseYaml(yaml);
    return document.ok() ? limits_.Load(*document) : document.status();
  }

  TenantLimits limits_{Defaults(), [](const Limits& limits) {
                         return limits.max_query_series == 13 ? InvalidArgument("unlucky")
                                                              : Status();
                       }};
};

TEST_F(TenantLimitsTest, ATenantWithoutAnEntryHasTheLimitsOfAll) {
  ASSERT_THAT(Load("overrides: {a: {max_query_series: 7}}"), IsOk());
  EXPECT_EQ(limits_.For("a")->max_query_series, 7);
  EXPECT_EQ(limits_.For("b")->max_query_series, 70);
}

TEST_F(TenantLimitsTest, WhatAnEntryDoesNotNameIsAsForAll) {
  ASSERT_THAT(Load("overrides: {a: {ingestion_rate_mb: 0.5, max_query_length: 1w}}"), IsOk());
  EXPECT_EQ(limits_.For("a")->ingestion_rate_mb, 0.5);
  EXPECT_EQ(limits_.For("a")->max_query_length, std::chrono::hours(7 * 24));
  EXPECT_EQ(limits_.For("a")->max_query_series, 70);
}

TEST_F(TenantLimitsTest, ASnapshotStaysTheSameUntilItsEntryChanges) {
  ASSERT_THAT(Load("overrides: {a: {max_query_series: 7}, b: {max_query_series: 8}}"), IsOk());
  const auto a = limits_.For("a");
  const auto b = limits_.For("b");
  ASSERT_THAT(Load("overrides: {a: {max_query_series: 7}, b: {max_query_series: 9}}"), IsOk());
  EXPECT_EQ(limits_.For("a"), a);
  EXPECT_NE(limits_.For("b"), b);
  EXPECT_EQ(b->max_query_series, 8);
}

TEST_F(TenantLimitsTest, AnEntryThatIsGoneIsNoLongerInForce) {
  ASSERT_THAT(Load("overrides: {a: {max_query_series: 7}}"), IsOk());
  ASSERT_THAT(Load("overrides:"), IsOk());
  EXPECT_EQ(limits_.For("a"), limits_.For("b"));
}

TEST_F(TenantLimitsTest, StructuresOfWhichATenantChangesAPartAreMerged) {
  ASSERT_THAT(Load("overrides: {a: {otlp_config: {resource_attributes: {b: [z]}}}}"), IsOk());
  const ConfigNode& otlp = limits_.For("a")->otlp_config;
  EXPECT_EQ(otlp.Text("severity_text_as_label"), "true");
  ASSERT_NE(otlp.Find("resource_attributes"), nullptr);
  EXPECT_NE(otlp.Find("resource_attributes")->Find("a"), nullptr);
  EXPECT_NE(otlp.Find("resource_attributes")->Find("b"), nullptr);
}

TEST_F(TenantLimitsTest, ARetentionOfStreamsTakesThePlaceOfThatOfAll) {
  ASSERT_THAT(Load("overrides: {a: {retention_stream: [{selector: '{c=\"d\"}', period: 24h}]}}"),
              IsOk());
  ASSERT_EQ(limits_.For("a")->retention_stream.items.size(), 1U);
  EXPECT_EQ(limits_.For("a")->retention_stream.items[0].Text("period"), "24h");
}

TEST_F(TenantLimitsTest, ConfigsSayWhatIsLoggedOfATenant) {
  ASSERT_THAT(Load("configs: {a: {log_push_request: true, some_new_key: 1}}"), IsOk());
  EXPECT_TRUE(limits_.For("a")->operational.log_push_request);
  EXPECT_FALSE(limits_.For("b")->operational.log_push_request);
}

TEST_F(TenantLimitsTest, UnknownLimitsArePassedOver) {
  constexpr std::string_view kYaml =
      "overrides: {a: {no_such_limit: 7, max_query_series: 5}}\nconfigs: {a: {none: 1}}";
  testing::internal::CaptureStderr();
  EXPECT_THAT(Load(kYaml), IsOk());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("tenant=a keys=limits_config.no_such_limit,operational_config.none\n"));
  EXPECT_EQ(limits_.For("a")->max_query_series, 5);
  testing::internal::CaptureStderr();
  EXPECT_THAT(Load(kYaml), IsOk());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // Nothing is new.
}

TEST_F(TenantLimitsTest, ADocumentInErrorNamesTheOffenderAndChangesNothing) {
  ASSERT_THAT(Load("overrides: {a: {max_query_series: 7}}"), IsOk());
  const struct {
    std::string_view yaml;
    std::string_view message;
  } rows[] = {
      {"override: {a: {}}", "field override not found"},
      {"[1, 2]", "no map"},
      {"overrides: [a]", "overrides must map tenants to settings"},
      {"overrides: {a: 7}", "limits_config is a section"},
      {"overrides: {a: {max_query_series: many}}", "tenant a"},
      {"overrides: {a: {max_query_series: many}}", "max_query_series"},
      {"overrides: {a: {max_query_series: 13}}", "unlucky"},
      {"overrides: {a: {max_query_serie: 8}}",
       "tenant a: failed parsing config: limits_config: line 1: field max_query_serie not found in "
       "limits_config; did you mean limits_config.max_query_series?"},
      {"configs: {a: {log_push_request: 7}}", "log_push_request"},
      {"configs: {a: {log_push_requests: true}}",
       "did you mean operational_config.log_push_request?"},
  };
  for (const auto& row : rows) {
    const Status status = Load(row.yaml);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << row.yaml;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.message)) << row.yaml;
    EXPECT_EQ(limits_.For("a")->max_query_series, 7) << row.yaml;
  }
}

}  // namespace
}  // namespace skald

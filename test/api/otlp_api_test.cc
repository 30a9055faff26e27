#include "api/otlp_api.h"

#include <gtest/gtest.h>

#include <string>

#include "ring/in_memory_member_store.h"
#include "support/fake_ingester.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/push_message.h"
#include "wire/otlp_request.h"

namespace skald::api {
namespace {

class OtlpApiTest : public testing::Test {
 protected:
  OtlpApiTest() { EXPECT_THAT(members_.Put({.id = "a", .tokens = {1}}), test::IsOk()); }

  net::Response Export(const std::string& body) {
    net::Request request;
    request.method = "POST";
    request.path = "/otlp/v1/logs";
    request.headers.Set("Content-Type", "application/x-protobuf");
    request.body = body;
    return api_.Logs(request);
  }
  // An export of one record.
  net::Response ExportLine() {
    return Export(test::BytesField(
        1,
        test::BytesField(2, test::BytesField(2, test::BytesField(5, test::BytesField(1, "x"))))));
  }

  StaticLimits limits_{Limits()};
  test::ManualClock clock_;
  ring::InMemoryMemberStore members_;
  test::FakeIngester ingester_;
  distributor::Replicator replicator_{members_, 1,
                                      [this](const ring::Member&) { return &ingester_; }};
  distributor::Distributor distributor_{{}, limits_, replicator_, clock_};
  OtlpMappings mappings_{limits_, {}};
  TenantAuth auth_{{.enabled = false}};
  OtlpApi api_{
      {}, {.auth = auth_, .mappings = mappings_, .distributor = distributor_, .clock = clock_}};
};

TEST_F(OtlpApiTest, WhatIsStoredIsAnsweredWithoutABody) {
  const net::Response response = ExportLine();
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(ingester_.pushes(), 1);
}

TEST_F(OtlpApiTest, AFaultOfOursIsWorthTryingAgain) {
  const struct {
    Status fault;
    int http_status;
  } rows[] = {
      {Status(StatusCode::kInternal, "a fault"), 503},
      {Status(StatusCode::kDataLoss, "a fault"), 503},
      {Unavailable("a fault"), 503},
      {ResourceExhausted("a fault"), 429},
  };
  for (const auto& row : rows) {
    ingester_.AnswerWith(row.fault);
    const net::Response response = ExportLine();
    EXPECT_EQ(response.status, row.http_status) << row.fault.ToString();
    EXPECT_EQ(response.body, wire::OtlpErrorBody("a fault"));
  }
}

TEST_F(OtlpApiTest, WhatCannotBeReadIsTheClientsFault) {
  const net::Response response = Export("\xff\xff\xff");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/octet-stream");
}

}  // namespace
}  // namespace skald::api

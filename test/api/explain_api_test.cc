#include "api/explain_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/limits.h"
#include "net/http_types.h"
#include "querier/fake_stream_source.h"
#include "support/manual_clock.h"

namespace skald::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kQuery = R"({app="a"} | json | status="500" |= "GET")";

class ExplainApiTest : public testing::Test {
 protected:
  ExplainApiTest() {
    const int64_t now = clock_.NowNs();
    source_.Add("t", model::LabelsBuilder().Set("app", "a").Set("pod", "1").Build(), {now - 5});
    source_.Add("t", model::LabelsBuilder().Set("app", "a").Set("pod", "2").Build(), {now - 6});
    source_.Add("u", model::LabelsBuilder().Set("app", "a").Build(), {now - 7});
  }

  net::Response Explain(std::string_view query, const std::string& rest = "",
                        std::string_view tenant = "t", std::string_view accept = "") {
    net::Request request;
    request.method = "GET";
    request.path = "/api/v1/explain";
    request.query = "query=" + net::EncodeUrlComponent(query) + rest;
    if (!tenant.empty()) request.headers.Add("X-Scope-OrgID", tenant);
    if (!accept.empty()) request.headers.Add("Accept", accept);
    return api_.Explain(request);
  }
  json Plan(std::string_view query, const std::string& rest = "", std::string_view tenant = "t") {
    const net::Response response = Explain(query, rest, tenant);
    EXPECT_EQ(response.status, 200) << response.body;
    const json body = json::parse(response.body, nullptr, false);
    EXPECT_FALSE(body.is_discarded()) << response.body;
    return body.value("data", json());
  }

  const test::ManualClock clock_;
  test::FakeStreamSource source_;
  StaticLimits limits_{Limits()};
  Executor executor_{"explain", 2};
  querier::Querier querier_{source_, limits_, executor_, clock_};
  const TenantAuth auth_{{.enabled = true, .multi_tenant_queries = true}};
  ExplainApi api_{{}, auth_, querier_, clock_};
};

TEST_F(ExplainApiTest, TellsHowALogQueryIsRun) {
  const json plan = Plan(kQuery, "&limit=7&direction=forward");
  EXPECT_EQ(plan["query"], kQuery);
  EXPECT_EQ(plan["kind"], "log");
  EXPECT_EQ(plan["early_stop"]["limit"], 7);
  const json& selector = plan["selectors"][0];
  EXPECT_EQ(selector["direction"], "forward");
  EXPECT_EQ(selector["stages"][0]["stage"], R"(|= "GET")");
  EXPECT_EQ(selector["stages"][0]["written_at"], 2);
  EXPECT_EQ(selector["requires"]["lines"][0]["any_of"], json({"GET"}));
  EXPECT_EQ(selector["requires"]["lines"][1]["unless_labels"], json({"status"}));
  EXPECT_TRUE(selector["requires"]["lines"][1]["searched_before_parsing"]);
  EXPECT_TRUE(selector["labels"].is_null());
}

TEST_F(ExplainApiTest, TellsHowAMetricQueryIsRun) {
  const json plan = Plan(R"(sum by (pod) (rate({app="a"}[1m])))", "&step=60");
  EXPECT_EQ(plan["kind"], "metric");
  EXPECT_TRUE(plan["early_stop"].is_null());
  EXPECT_EQ(plan["operators"]["operator"], "sum by (pod)");
  EXPECT_EQ(plan["operators"]["operands"][0]["selector"], 0);
  EXPECT_EQ(plan["selectors"][0]["range"], "1m");
  EXPECT_EQ(plan["selectors"][0]["labels"], json({"pod"}));
  EXPECT_FALSE(plan["selectors"][0]["columns"]["lines"]);
}

TEST_F(ExplainApiTest, KnowsWhatThereIsToRead) {
  const json selector = Plan(kQuery)["selectors"][0];
  EXPECT_EQ(selector["store"]["streams"], 2);
  EXPECT_EQ(selector["store"]["chunks"], 2);
  EXPECT_EQ(selector["shards"]["count"], 2);
  EXPECT_EQ(selector["shards"]["threads"], 2);
  // Of all tenants, and of those that the selector chooses.
  EXPECT_EQ(Plan(kQuery, "", "t|u")["selectors"][0]["store"]["streams"], 3);
  EXPECT_EQ(Plan(R"({__tenant_id__="u"})", "", "t|u")["selectors"][0]["store"]["chunks"], 1);
}

TEST_F(ExplainApiTest, SaysWhatIsReadAtOnceForSeveralSelectors) {
  const json plan =
      Plan(R"(sum(rate({app="a"}[1m])) / sum(bytes_rate({app="a"}[2m])) or rate({app="b"}[1m]))");
  ASSERT_EQ(plan["shared_reads"].size(), 1u);
  const json& read = plan["shared_reads"][0];
  EXPECT_EQ(read["selectors"], json({0, 1}));
  EXPECT_EQ(read["start"], plan["selectors"][1]["start"]);
  EXPECT_TRUE(read["columns"]["line_lengths"]);
  EXPECT_EQ(read["store"]["streams"], 2);
  EXPECT_TRUE(plan["selectors"][0]["shared"]);
  EXPECT_FALSE(plan["selectors"][0].contains("store"));
  EXPECT_EQ(plan["selectors"][2]["store"]["streams"], 0);
}

TEST_F(ExplainApiTest, HandsSourcesWhatTheQueryRequires) {
  Plan(kQuery);
  EXPECT_FALSE(source_.last_request().literals.empty());
}

TEST_F(ExplainApiTest, SpeaksTextToWhoAsksForIt) {
  EXPECT_THAT(Explain(kQuery, "&format=text").body, StartsWith("query   {app=\"a\"} | json"));
  const net::Response response = Explain(kQuery, "", "t", "text/plain");
  EXPECT_EQ(response.headers.Get("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("  store     2 streams, 2 chunks, 0 packs"));
  EXPECT_THAT(Explain(kQuery, "&format=json", "t", "text/plain").body, StartsWith("{\"status\""));
}

TEST_F(ExplainApiTest, ExplainsAnInstantQueryByItsTime) {
  const json plan = Plan(R"(rate({app="a"}[1m]))", "&time=1700000000");
  EXPECT_TRUE(plan["instant"]);
  EXPECT_EQ(plan["points"], 1);
  EXPECT_EQ(plan["end"], "1700000000000000000");
}

TEST_F(ExplainApiTest, RefusesAsQueriesAreRefused) {
  EXPECT_EQ(Explain("{").status, 400);
  EXPECT_THAT(Explain("{").body, StartsWith("parse error at line 1, col 2: "));
  EXPECT_EQ(Explain(kQuery, "&format=xml").status, 400);
  EXPECT_EQ(Explain(kQuery, "&start=5&end=4").status, 400);
  EXPECT_EQ(Explain(kQuery, "", "").status, 401);
  EXPECT_EQ(Explain(R"({app="a"})", "&time=1").status, 400);
  source_.FailWith(Unavailable("no index"));
  EXPECT_EQ(Explain(kQuery).status, 503);
}

}  // namespace
}  // namespace skald::api

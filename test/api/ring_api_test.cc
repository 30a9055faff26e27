#include "api/ring_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ring/in_memory_member_store.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::api {
namespace {

using test::IsOk;
using testing::HasSubstr;
using testing::Not;

class RingApiTest : public testing::Test {
 protected:
  RingApiTest() {
    EXPECT_THAT(ring_.Put({.id = "own", .registered_ns = 1'000'000'000, .tokens = {7, 70}}),
                IsOk());
    EXPECT_THAT(
        ring_.Put(
            {.id = "<gone>", .address = "10.0.0.9:9095", .state = ring::MemberState::kUnhealthy}),
        IsOk());
  }

  net::Response Ask(const std::string& method, const std::string& query,
                    const std::string& accept = "") {
    net::Request request{.method = method, .path = "/ring", .query = query};
    if (!accept.empty()) request.headers.Add("Accept", accept);
    return api_.Ring(request);
  }

  test::ManualClock clock_;
  ring::InMemoryMemberStore ring_;
  RingApi api_{{.own_id = "own", .own_address = "10.0.0.1:9095"}, ring_, clock_};
};

TEST_F(RingApiTest, ShowsTheMembersAsJson) {
  const std::string body = Ask("GET", "", "application/json").body;
  EXPECT_THAT(
      body,
      HasSubstr(
          R"({"shards":[{"id":"own","state":"ACTIVE","address":"10.0.0.1:9095","timestamp":")"));
  EXPECT_THAT(body, HasSubstr(R"("state":"Unhealthy","address":"10.0.0.9:9095",)"));
  EXPECT_THAT(body, HasSubstr(R"("registered_timestamp":"1970-01-01T00:00:01Z")"));
  EXPECT_THAT(body, HasSubstr(R"("tokens":[7,70])"));
}

TEST_F(RingApiTest, ShowsAPageWithoutTrustInNames) {
  const net::Response page = Ask("GET", "");
  EXPECT_EQ(page.headers.Get("Content-Type"), "text/html");
  EXPECT_THAT(page.body, HasSubstr("&lt;gone&gt;"));
  EXPECT_THAT(page.body, Not(HasSubstr("<gone>")));
  EXPECT_THAT(page.body, HasSubstr("<td>2</td>"));
  EXPECT_THAT(page.body, HasSubstr("<td>10.0.0.1:9095</td>"));
  EXPECT_THAT(Ask("GET", "tokens=true").body, HasSubstr("<td>2 7 70</td>"));
}

TEST_F(RingApiTest, ForgetsAMemberThatIsGone) {
  const net::Response response = Ask("POST", "forget=%3Cgone%3E");
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.headers.Get("Location"), "/ring");
  EXPECT_EQ(ring_.ring()->members().size(), 1u);
}

TEST_F(RingApiTest, DoesNotForgetItselfNorByAGet) {
  EXPECT_EQ(Ask("POST", "forget=own").status, 302);
  EXPECT_EQ(Ask("GET", "forget=%3Cgone%3E").status, 200);
  EXPECT_EQ(ring_.ring()->members().size(), 2u);
}

}  // namespace
}  // namespace skald::api

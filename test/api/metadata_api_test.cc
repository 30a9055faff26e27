#include "api/metadata_api.h"

#include <gtest/gtest.h>

#include <string>

#include "common/limits.h"
#include "querier/fake_stream_source.h"
#include "support/expiring_clock.h"

namespace skald::api {
namespace {

constexpr std::string_view kTimedOut =
    "request timed out, decrease the duration of the request or add more label matchers (prefer "
    "exact match over regex match) to reduce the amount of data processed";

// Answers once the whole time of a query has passed at the `looks`th look at the clock.
struct Expiring {
  Expiring(int looks, test::FakeStreamSource& source)
      : clock(looks), query({}, source, limits, clock) {}

  const test::ExpiringClock clock;
  const StaticLimits limits{Limits()};
  const querier::MetadataQuery query;
  const TenantAuth auth{{.enabled = true}};
  MetadataApi api{{}, auth, query, clock};
};

class MetadataApiTest : public testing::Test {
 protected:
  MetadataApiTest() { source_.Add("t", model::Labels{{"app", "a"}}, {5}); }

  static net::Request RequestOf() {
    net::Request request;
    request.method = "GET";
    request.query = "start=0&end=1000";
    request.headers.Add("X-Scope-OrgID", "t");
    request.path_params = {{"name", "app"}};
    return request;
  }
  using Question = net::Response (MetadataApi::*)(net::Request&);

  net::Response Ask(Question question, int looks) {
    Expiring parts(looks, source_);
    net::Request request = RequestOf();
    return (parts.api.*question)(request);
  }
  // How often the clock is looked at.
  template <typename Asked>
  int Looks(const Asked& asked) {
    Expiring parts(kNever, source_);
    asked(parts);
    return parts.clock.asked();
  }
  int LooksOf(Question question) {
    return Looks([&](Expiring& parts) {
      net::Request request = RequestOf();
      EXPECT_EQ((parts.api.*question)(request).status, 200);
    });
  }
  // The last look is where the answer is written: after so many all was found.
  void ExpectWritesInTime(Question question, int found, const std::string& data) {
    const int all = LooksOf(question);
    ASSERT_GT(all, found);
    const net::Response late = Ask(question, all);
    EXPECT_EQ(late.status, 504);
    EXPECT_EQ(late.body, kTimedOut);
    EXPECT_EQ(Ask(question, all + 1).body, R"({"status":"success","data":[)" + data + "]}\n");
  }

  static constexpr int kNever = 1'000'000;
  const querier::MetadataRequest about_{
      .tenants = {model::TenantId("t")}, .start_ns = 0, .end_ns = 1000};
  test::FakeStreamSource source_;
};

TEST_F(MetadataApiTest, WritesNoValuesAfterTheTimeThatQueriesMayTake) {
  const int found = Looks([&](const Expiring& parts) {
    (void)parts.query.LabelValues(parts.query.WithinQueryTime(about_), "app", {});
  });
  ExpectWritesInTime(&MetadataApi::LabelValues, found, "\"a\"");
}

TEST_F(MetadataApiTest, WritesNoSeriesAfterTheTimeThatQueriesMayTake) {
  const int found = Looks([&](const Expiring& parts) {
    (void)parts.query.Series(parts.query.WithinQueryTime(about_), {});
  });
  ExpectWritesInTime(&MetadataApi::Series, found, R"({"app":"a"})");
}

}  // namespace
}  // namespace skald::api

#include "api/deletes_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "support/faulty_file_system.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::api {
namespace {

using test::IsOk;
using testing::AllOf;
using testing::HasSubstr;

// 2023-11-14 22:13:20 UTC is now.
constexpr const char* kRequest = "query={a=\"b\"}|=\"x\"&start=1699990000&end=1699993600";

class DeletesApiTest : public testing::Test {
 protected:
  explicit DeletesApiTest(const std::string& deletion_mode = "filter-and-delete")
      : limits_([&] {
          Limits limits;
          limits.deletion_mode = deletion_mode;
          return limits;
        }()) {
    auto requests = deletes::RequestStore::Open({.folder = "/deletes"}, files_, limits_, clock_);
    EXPECT_THAT(requests, IsOk());
    requests_ = *std::move(requests);
    api_ = std::make_unique<DeletesApi>(DeletesApi::Options{.enabled = true}, auth_, *requests_,
                                        limits_, clock_);
  }

  static net::Request Request(const std::string& query, const std::string& tenant = "t",
                              const std::string& method = "GET") {
    net::Request request;
    request.method = method;
    request.query = query;
    if (!tenant.empty()) request.headers.Add("X-Scope-OrgID", tenant);
    return request;
  }
  // The id of the request that is made.
  std::string Create(const std::string& tenant = "t") {
    net::Request request = Request(kRequest, tenant, "POST");
    const net::Response response = api_->Create(request);
    EXPECT_EQ(response.status, 204) << response.body;
    return std::string(response.headers.Get("X-Delete-Request-ID"));
  }
  std::string List(const std::string& query = "", const std::string& tenant = "t") {
    net::Request request = Request(query, tenant);
    return api_->List(request).body;
  }
  net::Response Cancel(const std::string& query, const std::string& tenant = "t") {
    net::Request request = Request(query, tenant, "DELETE");
    return api_->Cancel(request);
  }

  const TenantAuth auth_{{.enabled = true}};
  test::FaultyFileSystem files_;
  test::ManualClock clock_;
  const StaticLimits limits_;
  std::unique_ptr<deletes::RequestStore> requests_;
  std::unique_ptr<DeletesApi> api_;
};

TEST_F(DeletesApiTest, ListsATenantsRequestsAsTheyAre) {
  EXPECT_EQ(List(), "[]\n");
  const std::string id = Create();
  EXPECT_EQ(List(), R"([{"request_id":")" + id +
                        R"(","start_time":1699990000,"end_time":1699993600,)"
                        R"("query":"{a=\"b\"}|=\"x\"","status":"received",)"
                        R"("created_at":1700000000,"user_id":""}])"
                        "\n");
  EXPECT_EQ(List("", "other"), "[]\n");
}

TEST_F(DeletesApiTest, ListsByTimeOnlyIfBothEndsAreGiven) {
  const std::string id = Create();
  EXPECT_THAT(List("start=1699993600&end=1699999999"), HasSubstr(id));
  EXPECT_EQ(List("start=1699993601&end=1699999999"), "[]\n");
  EXPECT_THAT(List("start=1699993601"), HasSubstr(id));
}

TEST_F(DeletesApiTest, ShowsProgressAndForQueriesNothingThatIsProcessed) {
  const std::string id = Create();
  ASSERT_THAT(requests_->MarkDone(model::TenantId("t"), id, 1), IsOk());
  EXPECT_THAT(List(), HasSubstr(R"("status":"processed")"));
  EXPECT_EQ(List("for_querytime_filtering=true"), "[]\n");
  EXPECT_EQ(Cancel("force=true&request_id=" + id).status, 400);
}

TEST_F(DeletesApiTest, CancelsByTheWholeIdAlone) {
  const std::string id = Create();
  EXPECT_EQ(Cancel("request_id=").status, 404);
  EXPECT_EQ(Cancel("request_id=" + id.substr(0, 7)).status, 404);
  EXPECT_EQ(Cancel("request_id=" + id, "other").status, 404);
  EXPECT_EQ(Cancel("request_id=" + id).status, 204);
  EXPECT_EQ(List(), "[]\n");
}

TEST_F(DeletesApiTest, ThePageHasTheRequestsOfAllTenantsTheNewestFirst) {
  Create("t");
  clock_.Advance(std::chrono::seconds(1));
  Create("u");
  net::Request request = Request("", "");
  const std::string body = api_->Page(request).body;
  EXPECT_THAT(body,
              AllOf(HasSubstr(R"("user_id":"t")"), HasSubstr(R"("start_time":1699990000000)")));
  EXPECT_LT(body.find(R"("user_id":"u")"), body.find(R"("user_id":"t")"));
  net::Request processed = Request("status=processed", "");
  EXPECT_EQ(api_->Page(processed).body, "[]\n");
}

TEST_F(DeletesApiTest, TheGenerationChangesWithEveryRequest) {
  net::Request request = Request("");
  EXPECT_EQ(api_->Generation(request).body, "\"\"\n");
  Create();
  const std::string first = api_->Generation(request).body;
  EXPECT_NE(first, "\"\"\n");
  EXPECT_EQ(api_->IncreaseGeneration(request).status, 204);
  EXPECT_NE(api_->Generation(request).body, first);
}

TEST_F(DeletesApiTest, NeedsATenant) {
  net::Request request = Request(kRequest, "", "POST");
  EXPECT_EQ(api_->Create(request).status, 401);
}

class DeletesDisabledTest : public DeletesApiTest {
 protected:
  DeletesDisabledTest() : DeletesApiTest("disabled") {}
};

TEST_F(DeletesDisabledTest, NothingIsTakenNorListed) {
  net::Request request = Request(kRequest, "t", "POST");
  EXPECT_EQ(api_->Create(request).status, 403);
  EXPECT_THAT(List(), HasSubstr("deletion is not available for this tenant"));
  EXPECT_EQ(Cancel("request_id=x").status, 403);
}

}  // namespace
}  // namespace skald::api

#include "api/snapshot_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace skald::api {
namespace {

using testing::HasSubstr;

// Hands out what it is told to.
class FakeControl final : public SnapshotControl {
 public:
  Result<std::string> Take(const std::string& name) override {
    asked_for = name;
    return answer;
  }

  Result<std::string> answer = std::string(R"({"path":"/snapshots/one"})");
  std::string asked_for = "nothing";
};

class SnapshotApiTest : public testing::Test {
 protected:
  net::Response Take(const std::string& query, const std::string& form = "") {
    net::Request request;
    request.method = "POST";
    request.query = query;
    request.body = form;
    if (!form.empty()) request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
    return api_.Take(request);
  }

  FakeControl control_;
  SnapshotApi api_{control_};
};

TEST_F(SnapshotApiTest, TakesOneOfTheNameThatIsAskedFor) {
  const net::Response response = Take("name=one");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(control_.asked_for, "one");
  EXPECT_THAT(response.body, HasSubstr(R"({"path":"/snapshots/one"})"));
  EXPECT_THAT(response.headers.Get("Content-Type"), HasSubstr("application/json"));
}

TEST_F(SnapshotApiTest, TheNameMayComeInAForm) {
  EXPECT_EQ(Take("", "name=two").status, 200);
  EXPECT_EQ(control_.asked_for, "two");
}

TEST_F(SnapshotApiTest, WithoutANameOneIsChosen) {
  EXPECT_EQ(Take("").status, 200);
  EXPECT_EQ(control_.asked_for, "");
}

TEST_F(SnapshotApiTest, AnErrorHasAStatusOfItsKindAndSaysWhy) {
  const struct {
    StatusCode code;
    int status;
  } rows[] = {{StatusCode::kInvalidArgument, 400},
              {StatusCode::kAlreadyExists, 409},
              {StatusCode::kUnavailable, 503},
              {StatusCode::kResourceExhausted, 507},
              {StatusCode::kInternal, 500}};
  for (const auto& row : rows) {
    control_.answer = Status(row.code, "because of this");
    const net::Response response = Take("name=one");
    EXPECT_EQ(response.status, row.status);
    EXPECT_THAT(response.body, HasSubstr("because of this"));
  }
}

TEST_F(SnapshotApiTest, AMalformedQueryIsRefusedUnasked) {
  EXPECT_EQ(Take("name=%zz").status, 400);
  EXPECT_EQ(control_.asked_for, "nothing");
}

}  // namespace
}  // namespace skald::api

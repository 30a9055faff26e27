#include "querier/volume_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "querier/fake_stream_source.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::Labels;
using model::TenantId;
using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kMs = 1'000'000;

// Each entry of the fake has four bytes.
class VolumeQueryTest : public testing::Test {
 protected:
  VolumeQueryTest() {
    streams_.Add("x", Labels{{"app", "a"}, {"env", "p"}}, {1 * kMs, 5 * kMs, 15 * kMs});
    streams_.Add("x", Labels{{"app", "a"}, {"env", "d"}}, {16 * kMs});
    streams_.Add("x", Labels{{"app", "b"}}, {2 * kMs, 25 * kMs});
    streams_.Add("y", Labels{{"app", "b"}}, {3 * kMs});
  }

  // One line a series: "labels time=bytes ...".
  std::vector<std::string> Ask(VolumeQuestion question, std::vector<TenantId> tenants) {
    const VolumeQuery query(streams_, limits_, clock_);
    const auto all = query.Volumes({.tenants = std::move(tenants),
                                    .start_ns = 0,
                                    .end_ns = 30 * kMs,
                                    .limits = {},
                                    .internal_streams = internal_streams_},
                                   question);
    EXPECT_THAT(all, IsOk());
    std::vector<std::string> lines;
    for (const model::Series& series : *all) {
      std::string line = series.labels.ToString();
      for (const model::Point& point : series.points) {
        line += ' ' + std::to_string(point.time_ms) + '=' +
                std::to_string(static_cast<int64_t>(point.value));
      }
      lines.push_back(std::move(line));
    }
    return lines;
  }
  std::vector<std::string> Ask(VolumeQuestion question) {
    return Ask(std::move(question), {TenantId("x")});
  }
  static model::Matchers Is(const std::string& name, const std::string& value) {
    return {*model::Matcher::Make(model::MatchOp::kEqual, name, value)};
  }

  bool internal_streams_ = false;
  test::FakeStreamSource streams_;
  StaticLimits limits_{Limits()};
  test::ManualClock clock_{100 * kMs};
};

TEST_F(VolumeQueryTest, EndsOnceTheClientIsGone) {
  MetadataRequest request{.tenants = {TenantId("x")}, .start_ns = 0, .end_ns = 30 * kMs};
  request.cancel.Cancel();
  EXPECT_THAT(VolumeQuery(streams_, limits_, clock_).Volumes(request, {}),
              HasCode(StatusCode::kCancelled));
}

TEST_F(VolumeQueryTest, ByTheLabelsThatTheSelectorNames) {
  EXPECT_THAT(Ask({.matchers = Is("app", "a")}), ElementsAre(R"({app="a"} 30=16)"));
}

TEST_F(VolumeQueryTest, WithoutASelectorByAllLabels) {
  EXPECT_THAT(Ask({}), ElementsAre(R"({app="a", env="p"} 30=12)", R"({app="b"} 30=8)",
                                   R"({app="a", env="d"} 30=4)"));
}

TEST_F(VolumeQueryTest, ByTargetLabelsThatStreamsMustHave) {
  EXPECT_THAT(Ask({.target_labels = {"env"}}),
              ElementsAre(R"({env="p"} 30=12)", R"({env="d"} 30=4)"));
  EXPECT_THAT(Ask({.target_labels = {"app", "nope"}}), IsEmpty());
  EXPECT_THAT(Ask({.target_labels = {"app", ""}}), IsEmpty());
}

TEST_F(VolumeQueryTest, ByLabelName) {
  EXPECT_THAT(Ask({.by_label_name = true}), ElementsAre(R"({app=""} 30=24)", R"({env=""} 30=16)"));
  EXPECT_THAT(Ask({.target_labels = {"env"}, .by_label_name = true}),
              ElementsAre(R"({env=""} 30=16)"));
}

TEST_F(VolumeQueryTest, LimitKeepsTheLargest) {
  EXPECT_THAT(Ask({.limit = 1}), ElementsAre(R"({app="a", env="p"} 30=12)"));
}

TEST_F(VolumeQueryTest, BucketsEndAMillisecondEarly) {
  EXPECT_THAT(Ask({.target_labels = {"app"}, .step_ns = 10 * kMs}),
              ElementsAre(R"({app="a"} 9=8 19=8)", R"({app="b"} 9=4 30=4)"));
}

TEST_F(VolumeQueryTest, SeveralTenantsAreAddedUp) {
  EXPECT_THAT(Ask({.matchers = Is("app", "b")}, {TenantId("x"), TenantId("y")}),
              ElementsAre(R"({app="b"} 30=12)"));
}

TEST_F(VolumeQueryTest, TheSystemsOwnStreamsCountForWhomIsToldOfThem) {
  streams_.Add("z", Labels{{"__pattern__", "svc"}}, {1 * kMs});
  streams_.Add("z", Labels{{"app", "a"}}, {1 * kMs});
  const model::Matchers own = Is("__pattern__", "svc");
  EXPECT_THAT(Ask({}, {TenantId("z")}), ElementsAre(R"({app="a"} 30=4)"));
  EXPECT_THAT(Ask({.by_label_name = true}, {TenantId("z")}), ElementsAre(R"({app=""} 30=4)"));
  EXPECT_THAT(Ask({.matchers = own}, {TenantId("z")}), IsEmpty());
  EXPECT_THAT(Ask({.target_labels = {"__pattern__"}}, {TenantId("z")}), IsEmpty());
  internal_streams_ = true;
  EXPECT_EQ(Ask({}, {TenantId("z")}).size(), 2u);
  EXPECT_THAT(Ask({.matchers = own}, {TenantId("z")}), ElementsAre(R"({__pattern__="svc"} 30=4)"));
}

TEST_F(VolumeQueryTest, TooManySeries) {
  Limits limits;
  limits.volume_max_series = 1;
  const StaticLimits strict(limits);
  const VolumeQuery query(streams_, strict, clock_);
  const MetadataRequest request{
      .tenants = {TenantId("x")}, .start_ns = 0, .end_ns = 30 * kMs, .limits = {}};
  const auto all = query.Volumes(request, {.limit = 1});
  EXPECT_THAT(all, HasCode(StatusCode::kResourceExhausted));
  EXPECT_EQ(all.status().message(),
            "the query hit the max number of series limit (limit: 1 series)");
  EXPECT_THAT(query.Volumes(request, {.matchers = Is("app", "a")}), IsOk());
}

TEST_F(VolumeQueryTest, OnlyWhereItIsEnabled) {
  Limits limits;
  limits.volume_enabled = false;
  const StaticLimits off(limits);
  const MetadataRequest request{.tenants = {TenantId("x")}, .limits = {}};
  EXPECT_THAT(VolumeQuery(streams_, off, clock_).CheckEnabled(request),
              HasCode(StatusCode::kNotFound));
  EXPECT_THAT(VolumeQuery(streams_, limits_, clock_).CheckEnabled(request), IsOk());
}

}  // namespace
}  // namespace skald::querier

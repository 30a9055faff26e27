#include "querier/metadata_query.h"

#include <gtest/gtest.h>

#include <limits>

#include "querier/fake_stream_source.h"
#include "support/expiring_clock.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::Labels;
using model::TenantId;
using test::HasCode;
using test::IsOk;
using testing::ElementsAre;

using Texts = std::vector<std::string>;

class MetadataQueryTest : public testing::Test {
 protected:
  MetadataQueryTest() {
    streams_.Add("x", Labels{{"app", "a"}}, {100});
    streams_.Add("y", Labels{{"app", "b"}, {"zone", "z"}}, {200});
  }

  MetadataQuery Make(bool multi_tenant, Limits limits = {}) {
    limits_ = std::make_unique<StaticLimits>(std::move(limits));
    return MetadataQuery({.multi_tenant = multi_tenant}, streams_, *limits_, clock_);
  }
  static MetadataRequest Of(std::vector<TenantId> tenants, int64_t start = 0, int64_t end = 1000) {
    return {.tenants = std::move(tenants), .start_ns = start, .end_ns = end};
  }

  test::FakeStreamSource streams_;
  std::unique_ptr<StaticLimits> limits_;
  test::ManualClock clock_{1000};
  const TenantId x_{"x"};
  const TenantId y_{"y"};
};

TEST_F(MetadataQueryTest, TheEndBelongsToTheRange) {
  const MetadataQuery query = Make(false);
  EXPECT_THAT(*query.LabelValues(Of({x_}, 0, 100), "app", {}), ElementsAre("a"));
  EXPECT_THAT(*query.LabelValues(Of({x_}, 0, 99), "app", {}), ElementsAre());
}

// The code of each answer to `request`, in the order of the methods.
std::vector<StatusCode> CodesOf(const MetadataQuery& query, const MetadataRequest& request) {
  return {query.LabelNames(request, {}).status().code(),
          query.LabelValues(request, "app", {}).status().code(),
          query.DetectedLabels(request, {}).status().code(),
          query.Series(request, {}).status().code(),
          query.CountLabels(request, {}, 10).status().code(),
          query.Stats(request, {}).status().code()};
}

TEST_F(MetadataQueryTest, EndsOnceTheClientIsGone) {
  MetadataRequest request = Of({x_});
  request.cancel.Cancel();
  EXPECT_EQ(CodesOf(Make(false), request), std::vector<StatusCode>(6, StatusCode::kCancelled));
}

TEST_F(MetadataQueryTest, EndsAfterTheTimeThatQueriesMayTake) {
  const test::ExpiringClock clock(2);  // Later already when it is looked at again.
  limits_ = std::make_unique<StaticLimits>(Limits{});
  const MetadataQuery query({.multi_tenant = false}, streams_, *limits_, clock);
  EXPECT_EQ(query.Series(Of({x_}), {}).status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(MetadataQueryTest, DetectedLabelsEndAfterThatTimeHoweverManyThereAre) {
  limits_ = std::make_unique<StaticLimits>(Limits{});
  const auto code_at = [this](const test::ExpiringClock& clock) {
    const MetadataQuery query({.memory = &streams_}, streams_, *limits_, clock);
    return query.DetectedLabels(Of({x_}), {}).status().code();
  };
  const test::ExpiringClock never(std::numeric_limits<int>::max());
  ASSERT_EQ(code_at(never), StatusCode::kOk);
  ASSERT_GT(never.asked(), 4);
  for (int look = 2; look <= never.asked(); ++look) {
    EXPECT_EQ(code_at(test::ExpiringClock(look)), StatusCode::kDeadlineExceeded) << look;
  }
}

TEST_F(MetadataQueryTest, DetectedLabelsOfAllStreamsCountThoseInMemoryAtAnyTime) {
  limits_ = std::make_unique<StaticLimits>(Limits());
  test::FakeStreamSource memory;
  memory.Add("x", Labels{{"app", "c"}, {"team", "t"}}, {5000});
  const MetadataQuery query({.memory = &memory}, streams_, *limits_, clock_);
  const auto all = query.DetectedLabels(Of({x_}), {});
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].name, "app");
  EXPECT_EQ((*all)[0].cardinality, 2u);
  EXPECT_EQ((*all)[1].name, "team");
  const model::Matchers some = {*model::Matcher::Make(model::MatchOp::kEqual, "app", "a")};
  EXPECT_EQ(query.DetectedLabels(Of({x_}), some)->size(), 1u);
}

TEST_F(MetadataQueryTest, SeveralTenantsHaveTheirIdAsALabel) {
  const MetadataQuery query = Make(true);
  EXPECT_EQ(*query.LabelNames(Of({x_, y_}), {}), (Texts{"__tenant_id__", "app", "zone"}));
  EXPECT_THAT(*query.LabelValues(Of({x_, y_}), "__tenant_id__", {}), ElementsAre("x", "y"));
  EXPECT_THAT(*query.LabelValues(Of({x_, y_}), "app", {}), ElementsAre("a", "b"));
  const auto series = query.Series(Of({x_, y_}), {});
  ASSERT_THAT(series, IsOk());
  EXPECT_EQ(series->front().ToString(), R"({__tenant_id__="x", app="a"})");
}

TEST_F(MetadataQueryTest, CountsStreamsThatTwoSelectorsMatchOnce) {
  const MetadataQuery query = Make(true);
  const auto all = query.CountLabels(Of({x_, y_}), {}, 10);
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->total.streams, 2u);
  EXPECT_EQ(all->names, 3u);  // __tenant_id__ among them.
  const model::Matchers app_b{*model::Matcher::Make(model::MatchOp::kEqual, "app", "b")};
  const model::Matchers zone_z{*model::Matcher::Make(model::MatchOp::kEqual, "zone", "z")};
  const auto twice = query.CountLabels(Of({y_}), std::vector{app_b, zone_z}, 10);
  ASSERT_THAT(twice, IsOk());
  EXPECT_EQ(twice->total.streams, 1u);
  EXPECT_EQ(twice->total.bytes, 4u);
  EXPECT_EQ(query.CountLabels(Of({x_}, 500, 900), {}, 10)->total.streams, 0u);
}

TEST_F(MetadataQueryTest, ATenantAloneHasNoSuchLabel) {
  EXPECT_EQ(*Make(true).LabelNames(Of({x_}), {}), Texts{"app"});
  EXPECT_THAT(*Make(false).LabelValues(Of({x_}), "__tenant_id__", {}), ElementsAre());
}

TEST_F(MetadataQueryTest, LabelsOfTheSystemsOwnStreamsAreNotWorthPickingBy) {
  streams_.Add("x", Labels{{"__pattern__", "svc"}}, {100});
  streams_.Add("x", Labels{{"__aggregated_metric__", "svc"}}, {100});
  const auto labels = Make(true).DetectedLabels(Of({x_}), {});
  ASSERT_THAT(labels, IsOk());
  ASSERT_EQ(labels->size(), 1u);
  EXPECT_EQ((*labels)[0].name, "app");
}

TEST_F(MetadataQueryTest, TheSystemsOwnStreamsAreToldOfWhereAskedFor) {
  streams_.Add("x", Labels{{"__pattern__", "svc"}}, {100});
  const MetadataQuery query = Make(false);
  const model::Matchers own = {*model::Matcher::Make(model::MatchOp::kEqual, "__pattern__", "svc")};
  MetadataRequest request = Of({x_});
  EXPECT_EQ(*query.LabelNames(request, {}), Texts{"app"});
  EXPECT_EQ(*query.LabelNames(request, own), Texts{});
  EXPECT_THAT(*query.LabelValues(request, "__pattern__", {}), ElementsAre());
  EXPECT_EQ(query.Series(request, {})->size(), 1u);
  EXPECT_EQ(query.Series(request, std::span(&own, 1))->size(), 0u);
  EXPECT_EQ(query.CountLabels(request, {}, 10)->total.streams, 1u);
  EXPECT_EQ(query.CountLabels(request, {}, 10)->names, 1u);
  EXPECT_EQ(query.CountLabels(request, std::span(&own, 1), 10)->total.streams, 0u);
  EXPECT_EQ(query.Stats(request, {})->streams, 1u);
  EXPECT_EQ(query.Stats(request, own)->streams, 0u);
  request.internal_streams = true;
  EXPECT_EQ(*query.LabelNames(request, {}), (Texts{"__pattern__", "app"}));
  EXPECT_EQ(*query.LabelNames(request, own), Texts{"__pattern__"});
  EXPECT_THAT(*query.LabelValues(request, "__pattern__", {}), ElementsAre("svc"));
  EXPECT_EQ(query.Series(request, {})->size(), 2u);
  EXPECT_EQ(query.Series(request, std::span(&own, 1))->size(), 1u);
  EXPECT_EQ(query.CountLabels(request, {}, 10)->total.streams, 2u);
  EXPECT_EQ(query.CountLabels(request, std::span(&own, 1), 10)->total.streams, 1u);
  EXPECT_EQ(query.Stats(request, {})->streams, 2u);
  EXPECT_EQ(query.Stats(request, own)->streams, 1u);
}

TEST_F(MetadataQueryTest, LabelsWorthPickingBy) {
  streams_.Add("x", Labels{{"app", "c"}, {"user", "17"}}, {100});
  const auto labels = Make(true).DetectedLabels(Of({x_, y_}), {});
  ASSERT_THAT(labels, IsOk());
  ASSERT_EQ(labels->size(), 2u);
  EXPECT_EQ((*labels)[0].name, "app");
  EXPECT_EQ((*labels)[0].cardinality, 3u);
  EXPECT_EQ((*labels)[1].name, "zone");
}

TEST_F(MetadataQueryTest, KeepsToTheLimits) {
  Limits limits;
  limits.max_query_length = std::chrono::milliseconds(1);
  EXPECT_THAT(Make(false, limits).LabelNames(Of({x_}, 0, 2'000'000), {}),
              HasCode(StatusCode::kResourceExhausted));
  limits = {};
  limits.max_query_lookback = Nanoseconds(850);
  EXPECT_EQ(*Make(false, limits).LabelNames(Of({x_}), {}), Texts{}) << "older than the lookback";
  limits = {};
  limits.max_query_parallelism = 0;
  EXPECT_THAT(Make(false, limits).Series(Of({x_}), {}), HasCode(StatusCode::kFailedPrecondition));
}

TEST_F(MetadataQueryTest, UnitesTheSelectorsOfSeries) {
  auto a = model::Matcher::Make(model::MatchOp::kEqual, "app", "a");
  auto any = model::Matcher::Make(model::MatchOp::kRegex, "app", ".+");
  const std::vector<model::Matchers> selectors = {{*a}, {*any}};
  EXPECT_EQ(Make(false).Series(Of({x_}), selectors)->size(), 1u);
}

}  // namespace
}  // namespace skald::querier

#include "querier/internal_streams.h"

#include <gtest/gtest.h>

#include "querier/fake_stream_source.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::MatchOp;
using test::IsOk;

model::Matcher MatcherOf(MatchOp op, std::string_view name, std::string_view value) {
  return *model::Matcher::Make(op, name, value);
}

TEST(InternalStreamsTest, AreAskedForByAMatcherThatNeedsTheirLabel) {
  EXPECT_TRUE(
      AsksForInternalStreams({MatcherOf(MatchOp::kEqual, "__aggregated_metric__", "cart")}));
  EXPECT_TRUE(AsksForInternalStreams(
      {MatcherOf(MatchOp::kEqual, "app", "a"), MatcherOf(MatchOp::kRegex, "__pattern__", ".+")}));
  EXPECT_FALSE(AsksForInternalStreams({MatcherOf(MatchOp::kEqual, "app", "a")}));
  EXPECT_FALSE(AsksForInternalStreams(
      {MatcherOf(MatchOp::kEqual, "app", "a"), MatcherOf(MatchOp::kEqual, "__pattern__", "")}));
  EXPECT_FALSE(AsksForInternalStreams({}));
}

TEST(InternalStreamsTest, AreNotFoundBySelectorsThatEveryStreamMatches) {
  test::FakeStreamSource streams;
  streams.Add("t", model::Labels{{"__pattern__", "cart"}}, {1});
  streams.Add("t", model::Labels{{"__aggregated_metric__", "cart"}}, {1});
  streams.Add("t", model::Labels{{"app", "a"}}, {1});
  WithoutInternalStreams source(streams);
  model::ScanRequest request;
  request.tenant = model::TenantId("t");
  request.range = model::TimeRange::All();
  model::ScanContext context;
  auto scans = source.Select(request, context);
  ASSERT_THAT(scans, IsOk());
  EXPECT_EQ(scans->size(), 1u);
  request.matchers = {MatcherOf(MatchOp::kNotEqual, "app", "b")};
  scans = source.Select(request, context);
  ASSERT_THAT(scans, IsOk());
  EXPECT_EQ(scans->size(), 1u);
}

TEST(InternalStreamsTest, HaveNoLabelsButTheirOwn) {
  EXPECT_TRUE(IsInternalStream({{"__pattern__", "cart"}}));
  EXPECT_FALSE(IsInternalStream({{"__pattern__", "cart"}, {"app", "a"}}));
  EXPECT_FALSE(IsInternalStream({}));
}

TEST(InternalStreamsTest, AreNotFoundByTheirOwnLabelButByOthers) {
  test::FakeStreamSource streams;
  streams.Add("t", model::Labels{{"__pattern__", "cart"}, {"app", "a"}}, {1});
  WithoutInternalStreams source(streams);
  model::ScanRequest request;
  request.tenant = model::TenantId("t");
  request.range = model::TimeRange::All();
  model::ScanContext context;
  request.matchers = {MatcherOf(MatchOp::kEqual, "__pattern__", "cart")};
  auto scans = source.Select(request, context);
  ASSERT_THAT(scans, IsOk());
  EXPECT_EQ(scans->size(), 0u);
  request.matchers = {MatcherOf(MatchOp::kEqual, "app", "a")};
  scans = source.Select(request, context);
  ASSERT_THAT(scans, IsOk());
  EXPECT_EQ(scans->size(), 1u);
}

}  // namespace
}  // namespace skald::querier

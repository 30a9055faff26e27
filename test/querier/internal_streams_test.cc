#include "querier/internal_streams.h"

#include <gtest/gtest.h>

#include <utility>

#include "querier/fake_stream_source.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::MatchOp;
using test::IsOk;

model::Matcher MatcherOf(MatchOp op, std::string_view name, std::string_view value) {
  return *model::Matcher::Make(op, name, value);
}

// How many of the streams of the tenant t are found where those of the system are not.
size_t CountFound(test::FakeStreamSource& streams, model::Matchers matchers) {
  WithoutInternalStreams source(streams);
  model::ScanRequest request;
  request.tenant = model::TenantId("t");
  request.range = model::TimeRange::All();
  request.matchers = std::move(matchers);
  model::ScanContext context;
  const auto scans = source.Select(request, context);
  EXPECT_THAT(scans, IsOk());
  return scans.ok() ? scans->size() : 0;
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
  EXPECT_EQ(CountFound(streams, {}), 1u);
  EXPECT_EQ(CountFound(streams, {MatcherOf(MatchOp::kNotEqual, "app", "b")}), 1u);
}

TEST(InternalStreamsTest, HaveNoLabelsButTheirOwn) {
  EXPECT_TRUE(IsInternalStream({{"__pattern__", "cart"}}));
  EXPECT_FALSE(IsInternalStream({{"__pattern__", "cart"}, {"app", "a"}}));
  EXPECT_FALSE(IsInternalStream({}));
}

TEST(InternalStreamsTest, AreNotFoundByTheirOwnLabelButByOthers) {
  test::FakeStreamSource streams;
  streams.Add("t", model::Labels{{"__pattern__", "cart"}, {"app", "a"}}, {1});
  EXPECT_EQ(CountFound(streams, {MatcherOf(MatchOp::kEqual, "__pattern__", "cart")}), 0u);
  EXPECT_EQ(CountFound(streams, {MatcherOf(MatchOp::kEqual, "app", "a")}), 1u);
}

}  // namespace
}  // namespace skald::querier

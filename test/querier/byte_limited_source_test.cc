#include "querier/byte_limited_source.h"

#include <gtest/gtest.h>

#include "querier/fake_stream_source.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using test::HasMessage;
using test::IsOk;

TEST(ByteLimitedSourceTest, CountsAllSelectorsOfAQuery) {
  test::FakeStreamSource streams;
  streams.Add("t", model::Labels{{"app", "a"}}, {1, 2, 3});  // Some 15 bytes.
  ByteLimitedSource source({.max_query_bytes = 20}, streams);
  model::ScanRequest request;
  request.tenant = model::TenantId("t");
  request.range = model::TimeRange::All();
  model::ScanContext context;
  EXPECT_THAT(source.Select(request, context), IsOk());
  EXPECT_THAT(source.Select(request, context),
              HasMessage(testing::StartsWith("the query would read too many bytes (query: 30 B, "
                                             "limit: 20 B); consider")));
  request.counted = true;
  EXPECT_THAT(source.Select(request, context), IsOk());
}

TEST(ByteLimitedSourceTest, NamesTheLimitOfASingleQuerier) {
  test::FakeStreamSource streams;
  streams.Add("t", model::Labels{{"app", "a"}}, {1, 2, 3});
  ByteLimitedSource source({.max_querier_bytes = 10}, streams);
  model::ScanRequest request;
  request.tenant = model::TenantId("t");
  request.range = model::TimeRange::All();
  model::ScanContext context;
  EXPECT_THAT(
      source.Select(request, context),
      HasMessage("query too large to execute on a single querier: (query: 15 B, limit: 10 B); "
                 "consider adding more specific stream selectors, reduce the time range of the "
                 "query, or adjust parallelization settings"));
}

TEST(ByteLimitedSourceTest, SaysWhetherAQueryCouldBeCutUpForQueriers) {
  const QuerierShare whole = {.cut = QuerierShare::Cut::kNotPossible, .shard_bytes = 10};
  EXPECT_THAT(CheckQuerierBytesRead(100, 100, whole), IsOk());
  EXPECT_THAT(CheckQuerierBytesRead(101, 100, whole),
              HasMessage("un-shardable query too large to execute on a single querier: (query: 101 "
                         "B, limit: 100 B); consider adding more specific stream selectors or "
                         "reduce the time range of the query"));
  const QuerierShare shards = {.cut = QuerierShare::Cut::kIntoShards, .shard_bytes = 600};
  EXPECT_THAT(CheckQuerierBytesRead(101, 100, shards),
              HasMessage("shard query is too large to execute on a single querier: (query: 101 B, "
                         "limit: 100 B); consider adding more specific stream selectors or reduce "
                         "the time range of the query"));
}

TEST(ByteLimitedSourceTest, ASingleQuerierReadsOneShardOfAQuery) {
  QuerierShare share = {.cut = QuerierShare::Cut::kIntoShards, .shard_bytes = 10};
  EXPECT_EQ(share.Of(10), 10u);
  EXPECT_EQ(share.Of(50), 10u);
  EXPECT_EQ(share.Of(51), 8u);  // Six shards.
  share.power_of_two = true;
  EXPECT_EQ(share.Of(51), 6u);  // Eight.
  share.shard_bytes = 0;
  EXPECT_EQ(share.Of(51), 51u);
  EXPECT_THAT(CheckQuerierBytesRead(uint64_t{1} << 62, 10,
                                    {.cut = QuerierShare::Cut::kIntoShards, .shard_bytes = 10}),
              IsOk());
}

}  // namespace
}  // namespace skald::querier

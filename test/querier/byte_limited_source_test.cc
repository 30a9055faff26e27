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
}

TEST(ByteLimitedSourceTest, NamesTheLimitOfASingleQuerier) {
  test::FakeStreamSource streams;
  streams.Add("t", model::Labels{{"app", "a"}}, {1, 2, 3});
  ByteLimitedSource source({.max_querier_bytes = 10}, streams);
  model::ScanRequest request;
  request.tenant = model::TenantId("t");
  request.range = model::TimeRange::All();
  model::ScanContext context;
  EXPECT_THAT(source.Select(request, context),
              HasMessage(testing::HasSubstr("too large to execute on a single querier:")));
}

}  // namespace
}  // namespace skald::querier

#include "querier/pattern_query.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "logql/parser.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::HasSubstr;

class PatternQueryTest : public testing::Test {
 protected:
  PatternQueryTest() : store_({.min_total = 1}, clock_) {
    Add("x", 2);
    Add("y", 3);
  }

  void Add(const std::string& tenant, size_t lines) {
    model::PushBatch batch;
    batch.entries.assign(lines, {.time_ns = clock_.NowNs(), .line = "a line"});
    const auto labels = std::make_shared<const model::Labels>(model::Labels{{"app", "a"}});
    batch.streams.push_back({.labels = labels,
                             .fingerprint = labels->Hash(),
                             .entry_count = static_cast<uint32_t>(lines)});
    store_.Add(model::TenantId(tenant), batch);
  }

  // The total of the only pattern, 0 if there is none.
  Result<uint64_t> Total(const std::vector<std::string>& tenants, std::string_view selector,
                         const Limits& limits = {}) {
    const StaticLimits source(limits);
    const PatternQuery query(&store_, source, clock_);
    MetadataRequest request{.start_ns = clock_.NowNs() - kHour, .end_ns = clock_.NowNs()};
    for (const std::string& tenant : tenants) request.tenants.emplace_back(tenant);
    SKALD_ASSIGN_OR_RETURN(const auto series,
                           query.Patterns(request, *logql::ParseSelector(selector), kHour));
    return series.empty() ? 0 : series.front().total;
  }

  static constexpr int64_t kHour = 3'600'000'000'000;
  test::ManualClock clock_;
  patterns::PatternStore store_;
};

TEST_F(PatternQueryTest, AddsUpTheTenantsOfTheRequest) {
  EXPECT_EQ(*Total({"x"}, R"({app="a"})"), 2u);
  EXPECT_EQ(*Total({"x", "y"}, R"({app="a"})"), 5u);
  EXPECT_EQ(*Total({"x", "y"}, R"({app="a", __tenant_id__="y"})"), 3u);
  EXPECT_EQ(*Total({"x"}, R"({app="b"})"), 0u);
}

TEST_F(PatternQueryTest, HoldsItsTenantsLimits) {
  Limits limits;
  limits.required_labels = {"cluster"};
  EXPECT_THAT(Total({"x"}, R"({app="a"})", limits),
              HasMessage(HasSubstr("missing required matchers [cluster]")));
  limits = Limits();
  limits.max_query_length = std::chrono::minutes(1);
  EXPECT_THAT(Total({"x"}, R"({app="a"})", limits), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(PatternQueryTest, IsOffWithoutAStore) {
  const StaticLimits limits{Limits()};
  EXPECT_FALSE(PatternQuery(nullptr, limits, clock_).enabled());
}

}  // namespace
}  // namespace skald::querier

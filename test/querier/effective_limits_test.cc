#include "querier/effective_limits.h"

#include <gtest/gtest.h>

namespace skald::querier {
namespace {

using std::chrono::hours;

TEST(StrictestOfTest, TakesTheSmallestValueThatIsSet) {
  Limits a;
  a.max_query_series = 0;
  a.max_query_length = hours(5);
  a.required_labels = {"app"};
  a.shard_aggregations = {"approx_topk", "quantile_over_time"};
  a.volume_max_series = 20;
  a.tsdb_max_bytes_per_shard = 3;
  Limits b;
  b.max_query_series = 7;
  b.max_query_length = hours(2);
  b.required_labels = {"app", "env"};
  b.shard_aggregations = {"quantile_over_time"};
  b.volume_max_series = 10;
  b.tsdb_max_bytes_per_shard = 0;
  const std::vector<std::shared_ptr<const Limits>> both = {std::make_shared<const Limits>(a),
                                                           std::make_shared<const Limits>(b)};
  const auto strictest = StrictestOf(both);
  EXPECT_EQ(strictest->max_query_series, 7);
  EXPECT_EQ(strictest->max_query_length, hours(2));
  EXPECT_EQ(strictest->required_labels, (std::vector<std::string>{"app", "env"}));
  EXPECT_EQ(strictest->shard_aggregations, std::vector<std::string>{"quantile_over_time"});
  EXPECT_EQ(strictest->volume_max_series, 10);
  EXPECT_EQ(strictest->tsdb_max_bytes_per_shard, 3u);
}

TEST(StrictestOfTest, CutsIntoShardsAsTheTenantDoesThatMakesTheFewest) {
  Limits bounded;
  bounded.tsdb_sharding_strategy = "bounded";
  const auto a = std::make_shared<const Limits>();
  const auto b = std::make_shared<const Limits>(bounded);
  for (const std::vector<std::shared_ptr<const Limits>>& both :
       {std::vector{a, b}, std::vector{b, a}}) {
    EXPECT_EQ(StrictestOf(both)->tsdb_sharding_strategy, "bounded");
  }
  EXPECT_EQ(StrictestOf(std::vector{a, a})->tsdb_sharding_strategy, "power_of_two");
}

TEST(TightenTest, ARequestCanOnlyTighten) {
  Limits limits;
  limits.max_query_length = hours(5);
  limits.max_entries_limit_per_query = 50;
  limits.minimum_labels_number = 1;
  const auto tight = Tighten(limits, {.max_query_length = hours(2),
                                      .max_entries_limit_per_query = 60,
                                      .max_query_bytes_read = 7,
                                      .required_labels = {"env"},
                                      .minimum_labels_number = 2,
                                      .bounded_shards = true});
  EXPECT_EQ(tight->max_query_length, hours(2));
  EXPECT_EQ(tight->max_entries_limit_per_query, 50);
  EXPECT_EQ(tight->max_query_bytes_read, 7u);
  EXPECT_EQ(tight->required_labels, std::vector<std::string>{"env"});
  EXPECT_EQ(tight->minimum_labels_number, 2);
  EXPECT_EQ(tight->tsdb_sharding_strategy, "bounded");
  EXPECT_EQ(Tighten(*tight, {})->tsdb_sharding_strategy, "bounded");
}

}  // namespace
}  // namespace skald::querier

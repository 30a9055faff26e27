#include "common/open_metrics.h"

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>

#include <limits>

namespace skald {
namespace {

class OpenMetricsTest : public testing::Test {
 protected:
  std::string Serialize() { return SerializeOpenMetrics(registry_.Collect()); }

  prometheus::Registry registry_;
};

TEST_F(OpenMetricsTest, EndsWithItsMark) { EXPECT_EQ(Serialize(), "# EOF\n"); }

TEST_F(OpenMetricsTest, ACountersFamilyLacksTheSuffixOfItsSeries) {
  prometheus::BuildCounter()
      .Name("pushes_total")
      .Help("Pushes.")
      .Register(registry_)
      .Add({{"route", "a \"b\"\\\nc"}})
      .Increment(2);
  EXPECT_EQ(Serialize(),
            "# HELP pushes Pushes.\n"
            "# TYPE pushes counter\n"
            "pushes_total{route=\"a \\\"b\\\"\\\\\\nc\"} 2.0\n"
            "# EOF\n");
}

TEST_F(OpenMetricsTest, ACounterWithoutTheSuffixKeepsItsName) {
  prometheus::BuildCounter().Name("blocked").Help("\"Blocked\".").Register(registry_).Add({});
  EXPECT_EQ(Serialize(),
            "# HELP blocked \\\"Blocked\\\".\n"
            "# TYPE blocked unknown\n"
            "blocked 0.0\n"
            "# EOF\n");
}

TEST_F(OpenMetricsTest, SummariesTellTheirQuantiles) {
  auto& summary = prometheus::BuildSummary().Name("took").Help("Took.").Register(registry_).Add(
      {{"user", "u"}}, prometheus::Summary::Quantiles{{0.5, 0.05}});
  summary.Observe(2);
  EXPECT_EQ(Serialize(),
            "# HELP took Took.\n"
            "# TYPE took summary\n"
            "took{user=\"u\",quantile=\"0.5\"} 2.0\n"
            "took_count{user=\"u\"} 1\n"
            "took_sum{user=\"u\"} 2.0\n"
            "# EOF\n");
}

TEST_F(OpenMetricsTest, BoundsOfBucketsAreFloats) {
  auto& histogram = prometheus::BuildHistogram().Name("took").Help("Took.").Register(registry_).Add(
      {}, std::vector<double>{0.5, 1});
  histogram.Observe(0.75);
  histogram.Observe(3);
  EXPECT_EQ(Serialize(),
            "# HELP took Took.\n"
            "# TYPE took histogram\n"
            "took_bucket{le=\"0.5\"} 0\n"
            "took_bucket{le=\"1.0\"} 1\n"
            "took_bucket{le=\"+Inf\"} 2\n"
            "took_count 2\n"
            "took_sum 3.75\n"
            "# EOF\n");
}

TEST_F(OpenMetricsTest, WritesNumbersThatAreNone) {
  auto& family = prometheus::BuildGauge().Name("level").Help("Level.").Register(registry_);
  family.Add({{"n", "1"}}).Set(-std::numeric_limits<double>::infinity());
  family.Add({{"n", "2"}}).Set(std::numeric_limits<double>::quiet_NaN());
  const std::string text = Serialize();
  EXPECT_NE(text.find("level{n=\"1\"} -Inf\n"), std::string::npos) << text;
  EXPECT_NE(text.find("level{n=\"2\"} NaN\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace skald

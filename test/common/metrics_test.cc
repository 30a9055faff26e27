#include "common/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/metric_group.h"
#include "common/summary.h"

namespace skald {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricsTest, ExposesWhatWasCounted) {
  Metrics::GetCounter("test_requests_total", "Requests.", {{"method", "GET"}}).Add(2);
  Metrics::GetGauge("test_level", "A level.").Set(1.5);
  const Histogram histogram = Metrics::GetHistogram("test_seconds", "Times.", {0.1, 1});
  histogram.Observe(0.5);
  const std::string text = Metrics::Expose();
  EXPECT_THAT(text, HasSubstr("# HELP test_requests_total Requests.\n"
                              "# TYPE test_requests_total counter\n"
                              "test_requests_total{method=\"GET\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("test_level 1.5\n"));
  EXPECT_THAT(text, HasSubstr("test_seconds_bucket{le=\"0.1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("test_seconds_bucket{le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("test_seconds_sum 0.5\n"));
}

TEST(MetricsTest, ASummaryTellsWhatMostValuesDoNotExceed) {
  const Summary summary = Summary::Get("test_took_seconds", "Times.", {{"user", "u"}});
  for (int i = 1; i <= 1000; ++i) summary.Observe(i);
  const std::string text = Metrics::Expose();
  EXPECT_THAT(text, HasSubstr("# TYPE test_took_seconds summary\n"));
  EXPECT_THAT(text, HasSubstr("test_took_seconds_count{user=\"u\"} 1000\n"));
  const std::string name = "test_took_seconds{user=\"u\",quantile=\"0.9\"} ";
  const size_t at = text.find(name);
  ASSERT_NE(at, std::string::npos);
  EXPECT_NEAR(std::stod(text.substr(at + name.size())), 900, 15);
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameSeries) {
  const Counter a = Metrics::GetCounter("test_shared_total", "Shared.", {{"k", "v"}});
  const Counter b = Metrics::GetCounter("test_shared_total", "Shared.", {{"k", "v"}});
  const Counter other = Metrics::GetCounter("test_shared_total", "Shared.", {{"k", "w"}});
  a.Add();
  b.Add();
  EXPECT_EQ(a.value(), 2);
  EXPECT_EQ(other.value(), 0);
}

TEST(MetricsTest, ASeriesCanBeTakenAway) {
  Metrics::GetGauge("test_hash", "Of now.", {{"sha256", "old"}}).Set(1);
  Metrics::GetGauge("test_hash", "Of now.", {{"sha256", "new"}}).Set(1);
  Metrics::RemoveGauge("test_hash", "Of now.", {{"sha256", "old"}});
  const std::string text = Metrics::Expose();
  EXPECT_THAT(text, HasSubstr("test_hash{sha256=\"new\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("old")));
}

TEST(MetricsTest, HooksRunBeforeEachExpose) {
  static int runs = 0;
  const Gauge gauge = Metrics::GetGauge("test_hooked", "Set by a hook.");
  Metrics::OnCollect([gauge] { gauge.Set(++runs); });
  Metrics::Expose();
  EXPECT_THAT(Metrics::Expose(), HasSubstr("test_hooked 2\n"));
}

TEST(MetricsTest, ReportsTheProcess) {
  const std::string text = Metrics::Expose();
  for (const char* name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
        "process_start_time_seconds", "process_max_fds", "process_virtual_memory_bytes"}) {
    EXPECT_THAT(text, HasSubstr("\n" + std::string(name) + " "));
  }
}

TEST(MetricGroupTest, SeriesGoWithTheLastWhoHoldsTheGroup) {
  auto first = MetricGroup::Get("g");
  first->GetCounter("test_grouped_total", "Grouped.", {{"k", "v"}}).Add(2);
  auto second = MetricGroup::Get("g");
  first.reset();
  const Counter counter = second->GetCounter("test_grouped_total", "Grouped.", {{"k", "v"}});
  EXPECT_EQ(counter.value(), 2);
  second->GetGauge("test_grouped_level", "Grouped.", {{"k", "v"}}).Set(1);
  MetricGroup::Get("other")->GetCounter("test_grouped_total", "Grouped.", {{"k", "w"}}).Add();
  EXPECT_THAT(Metrics::Expose(), HasSubstr("test_grouped_total{k=\"v\"} 2\n"));
  EXPECT_THAT(Metrics::Expose(), Not(HasSubstr("test_grouped_total{k=\"w\"}")));
  second.reset();
  EXPECT_THAT(Metrics::Expose(), Not(HasSubstr("test_grouped")));
}

}  // namespace
}  // namespace skald

#include "ruler/alert_series.h"

#include <gtest/gtest.h>

#include <cmath>

namespace skald::ruler {
namespace {

TEST(AlertSeriesTest, AnAlertHasASeriesOfItsStateAndOneOfItsBeginning) {
  Alert alert;
  alert.labels = model::Labels({{"alertname", "A"}});
  alert.active_at_ns = 3'500'000'000;
  std::vector<RecordedSample> samples;
  AddAlertSamples(alert, 7'000'000, samples);
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].labels.ToString(), R"({__name__="ALERTS_FOR_STATE", alertname="A"})");
  EXPECT_EQ(samples[0].value, 3);
  EXPECT_EQ(samples[0].time_ms, 7);
  EXPECT_EQ(samples[1].labels.ToString(),
            R"({__name__="ALERTS", alertname="A", alertstate="pending"})");
  EXPECT_EQ(samples[1].value, 1);
}

TEST(AlertSeriesTest, AResolvedAlertHasTheSeriesThatItHadBefore) {
  Alert alert;
  alert.labels = model::Labels({{"alertname", "A"}});
  alert.state = AlertState::kInactive;
  const auto series = SeriesOfAlerts({alert});
  alert.state = AlertState::kFiring;
  EXPECT_EQ(series, SeriesOfAlerts({alert}));
  EXPECT_EQ(series.size(), 2u);
  EXPECT_TRUE(std::isnan(EndOfSeries(*series.begin(), 1).value));
}

}  // namespace
}  // namespace skald::ruler

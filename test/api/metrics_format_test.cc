#include "api/metrics_format.h"

#include <gtest/gtest.h>

namespace skald::api {
namespace {

TEST(MetricsFormatTest, FollowsWhatTheScraperLikesBest) {
  constexpr auto kOpen = MetricsFormat::kOpenMetrics;
  constexpr auto kPlain = MetricsFormat::kPrometheus;
  const struct {
    std::string_view accept;
    MetricsFormat format;
  } rows[] = {
      {"", kPlain},
      {"*/*", kPlain},
      {"text/html", kPlain},
      {"application/openmetrics-text", kOpen},
      {"Application/OpenMetrics-Text; version=1.0.0", kOpen},
      {"application/openmetrics-text; version=9.0.0", kPlain},
      {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/"
       "openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
       "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       kOpen},
      {"text/plain;version=0.0.4;q=0.6,application/openmetrics-text;q=0.5", kPlain},
      {"application/openmetrics-text, text/plain", kPlain},
      {"application/openmetrics-text;q=0", kPlain},
      {"application/openmetrics-text;q=nan", kPlain},
      {"application/openmetrics-text;q=", kPlain},
      {",;,=;q,", kPlain},
  };
  for (const auto& [accept, format] : rows) {
    EXPECT_EQ(ChooseMetricsFormat(accept), format) << accept;
  }
}

}  // namespace
}  // namespace skald::api

#include "distributor/push_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald::distributor {
namespace {

using testing::HasSubstr;
using testing::Not;

// The value of a series in the exposition; 0 if it is not there.
double ValueOf(const std::string& series) {
  const std::string text = Metrics::Expose();
  const size_t at = text.find("\n" + series + " ");
  return at == std::string::npos ? 0 : std::stod(text.substr(at + series.size() + 2));
}

TEST(PushMetricsTest, SortsLinesIntoBucketsByTheirLength) {
  struct Row {
    std::string bucket;
    double added;  // Cumulative, as the format has it.
  };
  const std::vector<Row> rows = {
      {"_bucket{le=\"1\"}", 2},
      {"_bucket{le=\"8\"}", 4},
      {"_bucket{le=\"64\"}", 6},
      {"_bucket{le=\"512\"}", 7},
      {"_bucket{le=\"262144\"}", 8},
      {"_bucket{le=\"+Inf\"}", 9},
      {"_sum", 0 + 1 + 2 + 8 + 9 + 64 + 65 + 262'144 + 262'145},
  };
  // The histogram is that of the process: other tests have added to it.
  std::vector<double> before;
  for (const Row& row : rows) before.push_back(ValueOf("loki_bytes_per_line" + row.bucket));
  LineSizes sizes;
  for (const size_t bytes : {0, 1, 2, 8, 9, 64, 65, 262'144, 262'145}) sizes.Add(bytes);
  sizes.Publish();
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(ValueOf("loki_bytes_per_line" + rows[i].bucket) - before[i], rows[i].added)
        << rows[i].bucket;
  }
}

TEST(PushMetricsTest, AddsUpByPolicyAndFormat) {
  PushMetrics metrics("adds");
  const PushMetrics::Received received = {.format = "loki",
                                          .policy = "p",
                                          .retention_hours = "24",
                                          .lines = 2,
                                          .bytes = 10,
                                          .metadata_bytes = 3};
  metrics.AddReceived(received);
  metrics.AddReceived(received);
  const std::string text = Metrics::Expose();
  const std::string labels =
      "{format=\"loki\",is_internal_stream=\"false\",policy=\"p\",retention_hours=\"24\","
      "tenant=\"adds\"}";
  EXPECT_THAT(text, HasSubstr("loki_distributor_bytes_received_total" + labels + " 20"));
  EXPECT_THAT(
      text, HasSubstr("loki_distributor_structured_metadata_bytes_received_total" + labels + " 6"));
}

TEST(PushMetricsTest, KeepsABoundedNumberOfUserAgents) {
  PushMetrics metrics("agents");
  for (int i = 0; i < 200; ++i) metrics.AddLag("agent-" + std::to_string(i), "loki", 5);
  metrics.AddLag("agent-1", "loki", 5);
  metrics.AddLag("bad \xff agent", "loki", 5);
  const std::string text = Metrics::Expose();
  const auto series = [](const std::string& agent) {
    return "loki_distributor_lag_ms_total{format=\"loki\",tenant=\"agents\",userAgent=\"" + agent +
           "\"}";
  };
  EXPECT_THAT(text, HasSubstr(series("agent-1") + " 10"));
  EXPECT_THAT(text, HasSubstr(series("agent-99") + " 5"));
  EXPECT_THAT(text, Not(HasSubstr(series("agent-100"))));
  EXPECT_THAT(text, HasSubstr(series("other") + " 505"));
}

}  // namespace
}  // namespace skald::distributor

#pragma once

#include <string>

#include "common/clock.h"
#include "common/metrics.h"
#include "common/status.h"

namespace skald::chunkstore {

// What `ask` returns, a Result, with its time in loki_index_request_duration_seconds.
template <typename Ask>
auto TimedIndexRequest(const std::string& operation, const Clock& clock, Ask ask) {
  const int64_t begin_ns = clock.MonotonicNs();
  auto answer = ask();
  Metrics::GetHistogram("loki_index_request_duration_seconds",
                        "Seconds that questions to the label index took.",
                        {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
                        {{"operation", operation}, {"status_code", answer.ok() ? "200" : "500"}})
      .Observe(static_cast<double>(clock.MonotonicNs() - begin_ns) / 1e9);
  return answer;
}

}  // namespace skald::chunkstore

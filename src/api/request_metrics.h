#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/metrics.h"
#include "common/mutex.h"
#include "net/server_options.h"

namespace skald::api {

// Counts requests as dashboards expect them: loki_request_duration_seconds and its kin, by
// method, route and status.
//
// Threads: any thread may call Observe; it takes a lock for a lookup.
class RequestMetrics {
 public:
  RequestMetrics();
  ~RequestMetrics();
  RequestMetrics(const RequestMetrics&) = delete;
  RequestMetrics& operator=(const RequestMetrics&) = delete;

  void Observe(const net::RequestRecord& record);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

// Sets loki_build_info.
void PublishBuild(const std::string& version, const std::string& revision);

}  // namespace skald::api

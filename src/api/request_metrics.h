#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "common/metrics.h"
#include "common/mutex.h"
#include "net/router.h"
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

// `handler`, with the requests that it is at counted in loki_inflight_requests.
net::Handler CountInFlight(std::initializer_list<std::string_view> methods,
                           const std::string& route, net::Handler handler);

// Sets loki_build_info.
void PublishBuild(const std::string& version, const std::string& revision);

}  // namespace skald::api

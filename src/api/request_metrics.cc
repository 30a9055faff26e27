#include "api/request_metrics.h"

#include <string_view>
#include <utility>
#include <vector>

#include "common/hash.h"

namespace skald::api {
namespace {

// Routes and statuses are few; a method is what a client makes up.
std::string_view KnownMethod(std::string_view method) {
  for (const std::string_view known :
       {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "gRPC"}) {
    if (method == known) {
      return known;
    }
  }
  return "other";
}

const std::vector<double>& DurationBuckets() {
  static const std::vector<double> buckets = {.005, .01, .025, .05, .1, .25, .5,
                                              1,    2.5, 5,    10,  25, 50,  100};
  return buckets;
}

const std::vector<double>& SizeBuckets() {
  static const std::vector<double> buckets = {1 << 20, 2.5e6, 5e6, 1e7, 2.5e7, 5e7, 1e8, 2.5e8};
  return buckets;
}

// Counts a request as long as it lives.
class InFlight {
 public:
  explicit InFlight(const Gauge& gauge) : gauge_(gauge) { gauge_.Add(1); }
  ~InFlight() { gauge_.Add(-1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  const Gauge& gauge_;
};

}  // namespace

struct RequestMetrics::Rep {
  struct Handles {
    Histogram duration;
    Histogram request_bytes;
    Histogram response_bytes;
  };

  Mutex mutex;
  StringMap<Handles> handles SKALD_GUARDED_BY(mutex);  // By method, route, status and ws.
};

RequestMetrics::RequestMetrics() : rep_(std::make_unique<Rep>()) {}

RequestMetrics::~RequestMetrics() = default;

void RequestMetrics::Observe(const net::RequestRecord& record) {
  const std::string method(KnownMethod(record.method));
  const std::string route(record.route);
  const std::string status = std::to_string(record.status);
  const std::string websocket = record.websocket ? "true" : "false";
  const std::string key = method + ' ' + route + ' ' + status + ' ' + websocket;
  Rep::Handles handles;
  {
    MutexLock lock(rep_->mutex);
    auto [it, added] = rep_->handles.try_emplace(key);
    if (added) {
      const MetricLabels size_labels = {{"method", method}, {"route", route}};
      it->second = {
          .duration = Metrics::GetHistogram(
              "loki_request_duration_seconds", "Time from a request to its answer, in seconds.",
              DurationBuckets(),
              {{"method", method}, {"route", route}, {"status_code", status}, {"ws", websocket}}),
          .request_bytes = Metrics::GetHistogram("loki_request_message_bytes",
                                                 "Bytes of requests' bodies as received.",
                                                 SizeBuckets(), size_labels),
          .response_bytes = Metrics::GetHistogram("loki_response_message_bytes",
                                                  "Bytes of answers' bodies as sent.",
                                                  SizeBuckets(), size_labels)};
    }
    handles = it->second;
  }
  handles.duration.Observe(record.seconds);
  handles.request_bytes.Observe(static_cast<double>(record.request_bytes));
  handles.response_bytes.Observe(static_cast<double>(record.response_bytes));
}

net::Handler CountInFlight(std::initializer_list<std::string_view> methods,
                           const std::string& route, net::Handler handler) {
  StringMap<Gauge> gauges;
  for (const std::string_view method : methods) {
    if (method == "*") continue;
    gauges[method] =
        Metrics::GetGauge("loki_inflight_requests", "Requests that are being answered.",
                          {{"method", std::string(method)}, {"route", route}});
  }
  return [gauges = std::move(gauges), handler = std::move(handler)](net::Request& request) {
    const auto gauge = gauges.find(request.method);
    if (gauge == gauges.end()) {
      return handler(request);  // Of a route for every method.
    }
    const InFlight counted(gauge->second);
    return handler(request);
  };
}

void PublishBuild(const std::string& version, const std::string& revision) {
  Metrics::GetGauge("loki_build_info", "1, with what the binary was built of as labels.",
                    {{"version", version},
                     {"revision", revision},
                     {"branch", "HEAD"},
                     {"goversion", ""},
                     {"goos", "linux"},
                     {"goarch", ""},
                     {"tags", ""}})
      .Set(1);
}

}  // namespace skald::api

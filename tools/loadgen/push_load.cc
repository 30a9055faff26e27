#include "loadgen/push_load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "common/clock.h"
#include "common/mutex.h"
#include "net/http_client.h"

namespace skald::loadgen {
namespace {

// What the connections share: the groups still to push, the pace, and the sum.
class Run {
 public:
  Run(const LoadOptions& load, const PushOptions& push) : load_(load), push_(push) {}

  // One connection's work: takes groups until none is left.
  void Connection() {
    net::HttpClient client({.timeout = std::chrono::seconds(60)}, clock_);
    LoadReport report;
    for (uint32_t group; (group = next_group_++) < PayloadMaker::Groups(load_);) {
      PayloadMaker maker(load_, group);
      Payload payload;
      while (maker.Next(payload)) Send(client, payload, report);
    }
    Merge(report);
  }

  LoadReport Finish(double seconds) {
    MutexLock lock(mutex_);
    total_.seconds = seconds;
    std::sort(total_.latencies_ms.begin(), total_.latencies_ms.end());
    return total_;
  }

 private:
  void Send(net::HttpClient& client, const Payload& payload, LoadReport& report) {
    Pace(payload.line_bytes);
    net::ClientRequest request;
    request.method = "POST";
    request.url = push_.url + "/loki/api/v1/push";
    request.headers.Add("Content-Type", "application/x-protobuf");
    if (!push_.tenant.empty()) request.headers.Add("X-Scope-OrgID", push_.tenant);
    request.body = payload.body;
    const int64_t begin = clock_.MonotonicNs();
    const auto response = client.Send(request);
    if (response.ok() && response->status == 204) {
      report.latencies_ms.push_back(static_cast<double>(clock_.MonotonicNs() - begin) * 1e-6);
      ++report.payloads;
      report.lines += payload.lines;
      report.line_bytes += payload.line_bytes;
      report.body_bytes += payload.body.size();
      return;
    }
    if (report.errors++ > 0) return;
    report.first_error = response.ok() ? std::to_string(response->status) + " " + response->body
                                       : response.status().ToString();
  }

  // Sleeps until the pace of all connections together allows `bytes` more.
  void Pace(uint64_t bytes) {
    if (push_.megabytes_per_second <= 0) return;
    const uint64_t before = paced_bytes_.fetch_add(bytes);
    const int64_t due = start_ns_ + static_cast<int64_t>(static_cast<double>(before) * 1e3 /
                                                         push_.megabytes_per_second);
    const int64_t wait = due - clock_.MonotonicNs();
    if (wait > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
  }

  void Merge(const LoadReport& report) {
    MutexLock lock(mutex_);
    total_.payloads += report.payloads;
    total_.lines += report.lines;
    total_.line_bytes += report.line_bytes;
    total_.body_bytes += report.body_bytes;
    total_.errors += report.errors;
    if (total_.first_error.empty()) total_.first_error = report.first_error;
    total_.latencies_ms.insert(total_.latencies_ms.end(), report.latencies_ms.begin(),
                               report.latencies_ms.end());
  }

  const LoadOptions& load_;
  const PushOptions& push_;
  const SystemClock clock_;
  const int64_t start_ns_ = clock_.MonotonicNs();
  std::atomic<uint32_t> next_group_ = 0;
  std::atomic<uint64_t> paced_bytes_ = 0;
  Mutex mutex_;
  LoadReport total_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace

double LoadReport::Percentile(double p) const {
  if (latencies_ms.empty()) return 0;
  const double rank = p * static_cast<double>(latencies_ms.size() - 1);
  return latencies_ms[static_cast<size_t>(std::lround(rank))];
}

Result<LoadReport> PushLoad(const LoadOptions& load, const PushOptions& push) {
  Run run(load, push);
  const SystemClock clock;
  const int64_t begin = clock.MonotonicNs();
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < push.connections; ++i) threads.emplace_back([&] { run.Connection(); });
  for (std::thread& thread : threads) thread.join();
  LoadReport report = run.Finish(static_cast<double>(clock.MonotonicNs() - begin) * 1e-9);
  if (report.payloads == 0) return Unavailable("no payload was accepted: " + report.first_error);
  return report;
}

}  // namespace skald::loadgen

#include <cstdint>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/config_node.h"
#include "common/files.h"
#include "common/limits.h"
#include "notify/alert_sender.h"
#include "notify/sample_writer.h"

// Sends what it is told on standard input, for notify_peers.py to kill at any time.
//
//   notify_driver ALERTMANAGER PROMETHEUS FOLDER
//   fire NAME | resolve NAME | sample TIME_MS VALUE      each answered with a line, OK or an error
namespace skald::notify {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

Alert MakeAlert(const std::string& name, bool resolved, int64_t now_ns) {
  return {.labels = {{"alertname", name}},
          .annotations = {{"summary", "of " + name}},
          .starts_at = now_ns - 5 * kSecondNs,
          .ends_at = resolved ? now_ns : now_ns + 240 * kSecondNs,
          .updated_at = now_ns,
          .generator_url = ExploreUrl("http://grafana.example", "logs", "{app=\"a\"}")};
}

int Run(const std::string& alertmanager, const std::string& prometheus, std::string folder) {
  const SystemClock clock;
  const auto files = MakePosixFileSystem();
  const StaticLimits limits{Limits()};
  AlertSender alerts(
      {.alertmanagers = {.url = alertmanager}, .max_backoff = std::chrono::seconds(1)}, limits,
      *files, clock);
  SampleWriter::Options options;
  options.remote_write.enabled = true;
  options.remote_write.folder = std::move(folder);
  const auto clients = ParseYaml("prometheus: {url: '" + prometheus + "/api/v1/write'}");
  if (clients.ok()) options.remote_write.clients = *clients;
  const auto samples = SampleWriter::Open(options, limits, *files, clock);
  if (!samples.ok()) {
    std::cerr << samples.status().ToString() << "\n";
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    std::string command;
    std::string first;
    double value = 0;
    in >> command >> first >> value;
    Status status;
    if (command == "sample") {
      const std::vector<Sample> one = {{.labels = {{"__name__", "recorded"}, {"app", "a"}},
                                        .time_ms = std::stoll(first),
                                        .value = value}};
      status = (*samples)->Append("fake", one);
    } else {
      alerts.Send("fake",
                  std::vector<Alert>{MakeAlert(first, command == "resolve", clock.NowNs())});
    }
    std::cout << status.ToString() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace skald::notify

int main(int argc, char** argv) {
  return argc == 4 ? skald::notify::Run(argv[1], argv[2], argv[3]) : 2;
}

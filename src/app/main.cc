// skald: the server, and tools that look at its data.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "app/app_config.h"
#include "app/command_line.h"
#include "app/config_check.h"
#include "app/config_warnings.h"
#include "app/process.h"
#include "app/rules_command.h"
#include "app/tool_command.h"
#include "app/version.h"
#include "common/clock.h"
#include "common/fault_point.h"
#include "common/logging.h"
#include "net/grpc_credentials.h"
#include "net/http_client.h"

// jemalloc reads it: one arena a core, where its default is four. What one thread frees another is
// to have: a head block is filled by a connection's thread and freed by the one that compressed it.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas_ratio:1";

namespace {

using skald::app::CommandLine;
using skald::app::Configuration;

constexpr int kExitUsage = 2;

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) {
    all.append(all.empty() ? "" : ",").append(text);
  }
  return all;
}

// Asks a running server; the exit code for `-health`.
int Health(const std::string& url) {
  const skald::SystemClock clock;
  skald::net::HttpClient client({}, clock);
  const auto response = client.Send({.url = url});
  if (response.ok() && response->status == 200) return 0;
  std::fprintf(stderr, "%s: %s\n", url.c_str(),
               response.ok() ? response->body.c_str() : response.status().ToString().c_str());
  return 1;
}

void LogConfiguration(const Configuration& configuration, const CommandLine& line) {
  const std::string text = configuration.settings().PrintAll();
  if (line.print_config) std::fputs(text.c_str(), stderr);
  if (!line.log_config_reversed) return;
  for (size_t end = text.size(); end > 0;) {
    const size_t begin = text.rfind('\n', end - 1);
    const size_t from = begin == std::string::npos ? 0 : begin + 1;
    if (from < end) skald::LogInfo(text.substr(from, end - from));
    end = begin == std::string::npos ? 0 : begin;
  }
}

// Blocks SIGTERM and SIGINT in this thread and those it starts; returned for WaitForSignal.
sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

// Says which settings do less than whoever set them may think, or nothing.
void LogWithoutEffect(const Configuration& configuration) {
  if (!configuration.ignored().empty()) {
    skald::LogInfo("settings without a meaning here are passed over",
                   {{"keys", Joined(configuration.ignored())}});
  }
  for (const std::string& warning : skald::app::ConfigWarnings(configuration)) {
    skald::LogWarn(warning);
  }
}

int Serve(const Configuration& configuration) {
  const skald::SystemClock clock;
  const int64_t begin = clock.MonotonicNs();
  const sigset_t signals = BlockSignals();
  skald::LogInfo("Starting Skald",
                 {{"version", skald::app::kVersion}, {"revision", skald::app::kRevision}});
  if (!configuration.file().empty()) {
    skald::LogInfo("Loading configuration file", {{"filename", configuration.file()}});
  }
  LogWithoutEffect(configuration);
  const auto& http = configuration.config().http;
  skald::net::LimitGrpcTls(http.tls_min_version, http.tls_cipher_suites);
  // As a signal from outside would.
  skald::app::Process process(configuration, clock, [] { kill(getpid(), SIGTERM); });
  if (const skald::Status status = process.Start(); !status.ok()) {
    skald::LogError("error running skald", {{"err", status.message()}});
    return 1;
  }
  skald::LogInfo(
      "Skald started",
      {{"startup_time", skald::FormatGoDuration(skald::Nanoseconds(clock.MonotonicNs() - begin))}});
  int signal = 0;
  sigwait(&signals, &signal);
  skald::LogInfo("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  process.Stop();
  return 0;
}

int Run(const CommandLine& line) {
  Configuration configuration;
  if (line.help) {
    std::printf(
        "usage: skald [-flag=value ...]\n       skald inspect|verify|snapshot|restore "
        "[-help]\n\n%s%s",
        skald::app::CommandLineHelp().c_str(), configuration.settings().Help().c_str());
    return kExitUsage;
  }
  if (line.help_config) {
    std::fputs(configuration.settings().Reference().c_str(), stdout);
    return 0;
  }
  const std::string files =
      line.config_files.empty() ? skald::app::DefaultConfigFile() : line.config_files;
  const skald::Status status = configuration.Load(files, line.expand_env, line.settings);
  if (const auto format = skald::ParseLogFormat(configuration.config().log_format); format.ok()) {
    skald::SetLogFormat(*format);
  }
  if (!status.ok()) {
    if (status.message().starts_with("CONFIG ERROR: ") ||
        status.message().starts_with(skald::app::kManyErrors)) {
      skald::LogError("validating config", {{"err", status.message()}});
      return 1;
    }
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    const bool flag = status.message().starts_with("flag ") ||
                      status.message().starts_with("argument without") ||
                      status.message().starts_with("invalid value for flag");
    if (flag) std::fputs("Run with -help to get list of available parameters\n", stderr);
    return flag ? kExitUsage : 1;
  }
  if (auto level = skald::ParseLogLevel(configuration.config().log_level); level.ok()) {
    skald::SetLogLevel(*level);
  }
  LogConfiguration(configuration, line);
  if (line.verify_config) {
    LogWithoutEffect(configuration);
    skald::LogInfo("config is valid");
    return 0;
  }
  if (!line.rules_check.empty()) {
    return skald::app::CheckRuleFiles(configuration.config(), line.rules_check);
  }
  if (!line.rules_test.empty()) {
    return skald::app::TestRuleFiles(configuration.config(), line.rules_test);
  }
  return Serve(configuration);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && skald::app::IsTool(arguments[0])) {
    return skald::app::RunTool(arguments);
  }
  skald::ArmFaultPoints();
  const auto line = skald::app::ParseCommandLine(arguments);
  if (!line.ok()) {
    std::fprintf(stderr, "%s\n", std::string(line.status().message()).c_str());
    return kExitUsage;
  }
  if (line->version) {
    std::fputs(skald::app::VersionText().c_str(), stdout);
    return 0;
  }
  if (line->list_targets) {
    std::puts("all");
    return 0;
  }
  if (line->health) return Health(line->health_url);
  return Run(*line);
}

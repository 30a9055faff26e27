#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/clock.h"
#include "common/config_node.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/metrics.h"
#include "common/status.h"
#include "common/tenant_limits.h"
#include "net/http_client.h"

namespace skald::app {

struct RuntimeConfigOptions {
  std::string files;  // Comma list of paths and http(s) URLs; later ones win. Empty: none.
  std::chrono::nanoseconds period = std::chrono::seconds(10);  // 0: read once.
  std::chrono::nanoseconds http_client_timeout = std::chrono::seconds(30);
};

// Reads the runtime configuration again and again, and puts the limits of single tenants in force
// that it says.
//
// Order:     Start once. Stop is idempotent and called by the destructor.
// Ownership: borrows files, clock and limits.
// Threads:   one caller; reloads come on a thread of their own.
class RuntimeConfig {
 public:
  RuntimeConfig(const RuntimeConfigOptions& options, FileSystem& files, const Clock& clock,
                TenantLimits& limits);
  ~RuntimeConfig();
  RuntimeConfig(const RuntimeConfig&) = delete;
  RuntimeConfig& operator=(const RuntimeConfig&) = delete;

  // The first reading, whose error is returned. Later errors are logged, and what was in force
  // stays so.
  Status Start();
  void Stop();

 private:
  Status Load();
  void PublishHash();
  Result<std::string> Read(const std::string& source);

  const RuntimeConfigOptions options_;
  FileSystem& files_;
  TenantLimits& limits_;
  net::HttpClient client_;
  const Gauge successful_;
  std::string last_;  // The texts in force.
  std::string hash_;  // Of them, as loki_runtime_config_hash has it.
  std::unique_ptr<PeriodicTask> periodic_;
};

}  // namespace skald::app

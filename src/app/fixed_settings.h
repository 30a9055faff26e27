#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/config.h"

namespace skald::app {

// Settings of Loki that hold one value here, whatever is configured. They are read, so that the
// table of settings says what holds, and whoever wants something else is warned.
//
// Threads: a value.
struct FixedSettings {
  bool circuit_breaker_enabled = false;
  bool ingester_writes_enabled = true;
  bool kafka_writes_enabled = false;
  bool query_ingester_only = false;
  bool query_store_only = false;
  bool support_parquet_encoding = false;
  bool wal_enabled = true;
  int grpc_listen_conn_limit = 0;
  int ruler_tenant_shard_size = 0;
  uint64_t max_inflight_bytes = 0;
  std::string log_query_request_headers;
};

void AddFixedSettings(Settings& s, FixedSettings* fixed);

// A line for each that is configured otherwise, which begins with its key.
std::vector<std::string> FixedSettingWarnings(const FixedSettings& fixed);

}  // namespace skald::app

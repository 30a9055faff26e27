#include "app/fixed_settings.h"

#include <cstddef>
#include <cstdint>

namespace skald::app {
namespace {

template <typename T>
struct Fixed {
  const char* key;
  T FixedSettings::*value;
  const char* holds;      // In its place.
  const char* flag = "";  // Where it is not named as the key.
};

constexpr Fixed<bool> kSwitches[] = {
    {"distributor.circuit_breaker.enabled", &FixedSettings::circuit_breaker_enabled,
     "there is no such breaker; pushes are refused as long as the disk or the memory is full"},
    {"distributor.ingester_writes_enabled", &FixedSettings::ingester_writes_enabled,
     "whatever is pushed is stored by this process"},
    {"distributor.kafka_writes_enabled", &FixedSettings::kafka_writes_enabled,
     "nothing is written to Kafka"},
    {"frontend.support_parquet_encoding", &FixedSettings::support_parquet_encoding,
     "answers in Parquet are refused"},
    {"ingester.wal.enabled", &FixedSettings::wal_enabled, "the write-ahead log is always on",
     "ingester.wal-enabled"},
    {"querier.query_ingester_only", &FixedSettings::query_ingester_only,
     "queries read what is in memory and what is in packs"},
    {"querier.query_store_only", &FixedSettings::query_store_only,
     "queries read what is in memory and what is in packs"},
};

constexpr Fixed<int> kNumbers[] = {
    {"limits_config.ruler_tenant_shard_size", &FixedSettings::ruler_tenant_shard_size,
     "the rule groups of a tenant are spread over all members that run rules",
     "ruler.tenant-shard-size"},
    {"server.grpc_listen_conn_limit", &FixedSettings::grpc_listen_conn_limit,
     "any number of connections is taken over gRPC", "server.grpc-conn-limit"},
};

constexpr Fixed<std::string> kTexts[] = {
    {"frontend.log_query_request_headers", &FixedSettings::log_query_request_headers,
     "the log lines of queries have no headers; server.log_request_headers has them in lines of "
     "their own"},
};

constexpr Fixed<uint64_t> kSizes[] = {
    {"distributor.max_inflight_bytes", &FixedSettings::max_inflight_bytes,
     "the bytes of pushes under way have no bound of their own, but each of them has: "
     "distributor.max_recv_msg_size and max_decompressed_size"},
};

template <typename T>
std::string HelpOf(const Fixed<T>& setting) {
  return std::string("Without effect: ") + setting.holds;
}

template <typename T, size_t kCount>
void AppendWarnings(const Fixed<T> (&settings)[kCount], const FixedSettings& fixed,
                    std::vector<std::string>& out) {
  for (const Fixed<T>& setting : settings) {
    if (fixed.*setting.value == FixedSettings().*setting.value) continue;
    out.push_back(std::string(setting.key) + ": without effect: " + setting.holds);
  }
}

}  // namespace

void AddFixedSettings(Settings& s, FixedSettings* fixed) {
  for (const auto& one : kSwitches) s.Add(one.key, &(fixed->*one.value), HelpOf(one), one.flag);
  for (const auto& one : kNumbers) s.Add(one.key, &(fixed->*one.value), HelpOf(one), one.flag);
  for (const auto& one : kTexts) s.Add(one.key, &(fixed->*one.value), HelpOf(one), one.flag);
  for (const auto& one : kSizes) {
    s.Add(one.key, &(fixed->*one.value), HelpOf(one), one.flag, Settings::Unit::kBytes);
  }
}

std::vector<std::string> FixedSettingWarnings(const FixedSettings& fixed) {
  std::vector<std::string> warnings;
  AppendWarnings(kSwitches, fixed, warnings);
  AppendWarnings(kNumbers, fixed, warnings);
  AppendWarnings(kTexts, fixed, warnings);
  AppendWarnings(kSizes, fixed, warnings);
  return warnings;
}

}  // namespace skald::app

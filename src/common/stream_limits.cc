#include "common/stream_limits.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "common/config.h"
#include "common/duration.h"

namespace skald {
namespace {

constexpr uint64_t kDefaultShardRate = 1536 << 10;

bool Read(std::string_view text, int& value) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  value = std::max(number, 0);
  return true;
}

bool Read(std::string_view text, uint64_t& bytes) {
  const Result<uint64_t> parsed = ParseByteSize(text);
  if (!parsed.ok()) return false;
  bytes = *parsed;
  return true;
}

bool Read(std::string_view text, bool& value) {
  const Result<bool> parsed = ParseYamlBool(text);
  if (!parsed.ok()) return false;
  value = *parsed;
  return true;
}

bool Read(std::string_view text, Nanoseconds& value) {
  const Result<Nanoseconds> parsed = ParseDuration(text);
  if (!parsed.ok()) return false;
  value = *parsed;
  return true;
}

// Reads the member of that name; whether it was there and good.
template <typename T>
bool ReadMember(const ConfigNode& node, std::string_view name, T& value) {
  const ConfigNode* member = node.Find(name);
  return member != nullptr && Read(member->scalar, value);
}

void ReadSharding(const ConfigNode& node, StreamLimits& out) {
  ReadMember(node, "enabled", out.sharded);
  ReadMember(node, "logging_enabled", out.log_shards);
  ReadMember(node, "desired_rate", out.shard_rate);
  ReadMember(node, "time_sharding_enabled", out.time_sharded);
  ReadMember(node, "time_sharding_ignore_recent", out.time_sharded_age);
}

void ReadPolicy(const ConfigNode& node, StreamLimits& out) {
  const bool has_max = ReadMember(node, "max_streams_per_user", out.max_streams);
  const bool has_global = ReadMember(node, "max_global_streams_per_user", out.max_global_streams);
  out.own_count = has_max || has_global;
  ReadMember(node, "per_stream_rate_limit", out.rate);
  ReadMember(node, "per_stream_rate_limit_burst", out.burst);
  if (const ConfigNode* sharding = node.Find("shard_streams")) ReadSharding(*sharding, out);
}

// What a policy may override, as settings that are read for nothing but their errors.
struct Overrides {
  StreamLimits streams;
  double rate_mb = 0;
  double burst_mb = 0;
};

void AddSharding(Settings& settings, const std::string& prefix, StreamLimits& out) {
  settings.Add(prefix + "enabled", &out.sharded, "");
  settings.Add(prefix + "logging_enabled", &out.log_shards, "");
  settings.Add(prefix + "desired_rate", &out.shard_rate, "", "", Settings::Unit::kBytes);
  settings.Add(prefix + "time_sharding_enabled", &out.time_sharded, "");
  settings.Add(prefix + "time_sharding_ignore_recent", &out.time_sharded_age, "");
}

void AddOverrides(Settings& settings, Overrides& out) {
  settings.Add("max_streams_per_user", &out.streams.max_streams, "");
  settings.Add("max_global_streams_per_user", &out.streams.max_global_streams, "");
  settings.Add("per_stream_rate_limit", &out.streams.rate, "", "", Settings::Unit::kBytes);
  settings.Add("per_stream_rate_limit_burst", &out.streams.burst, "", "", Settings::Unit::kBytes);
  settings.Add("ingestion_rate_mb", &out.rate_mb, "");
  settings.Add("ingestion_burst_size_mb", &out.burst_mb, "");
  AddSharding(settings, "shard_streams.", out.streams);
}

// Keys that are like none that is known pass, as in limits_config itself.
Status CheckNode(Settings& settings, const ConfigNode& node, const std::string& where) {
  std::vector<std::string> ignored;
  return settings.ReadNode(node, where, {"", "shard_streams"}, ignored);
}

}  // namespace

bool HasOwnLimits(const Limits& limits, std::string_view policy) {
  return !policy.empty() && limits.policy_override_limits.Find(policy) != nullptr;
}

StreamLimits StreamLimitsOf(const Limits& limits, std::string_view policy) {
  StreamLimits out = {.max_streams = std::max(limits.max_streams_per_user, 0),
                      .max_global_streams = std::max(limits.max_global_streams_per_user, 0),
                      .rate = limits.per_stream_rate_limit,
                      .burst = limits.per_stream_rate_limit_burst,
                      .shard_rate = kDefaultShardRate};
  ReadSharding(limits.shard_streams, out);
  if (HasOwnLimits(limits, policy)) ReadPolicy(*limits.policy_override_limits.Find(policy), out);
  return out;
}

Status CheckStreamLimits(const Limits& limits) {
  StreamLimits sharding;
  Settings of_tenant;
  AddSharding(of_tenant, "", sharding);
  SKALD_RETURN_IF_ERROR(CheckNode(of_tenant, limits.shard_streams, "shard_streams"));
  for (const auto& [policy, node] : limits.policy_override_limits.members) {
    Overrides overrides;
    Settings of_policy;
    AddOverrides(of_policy, overrides);
    SKALD_RETURN_IF_ERROR(CheckNode(of_policy, node, "policy_override_limits: " + policy));
  }
  return {};
}

}  // namespace skald

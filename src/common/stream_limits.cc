#include "common/stream_limits.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "common/duration.h"
#include "common/logging.h"

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
  if (text != "true" && text != "false") return false;
  value = text == "true";
  return true;
}

bool Read(std::string_view text, Nanoseconds& value) {
  const Result<Nanoseconds> parsed = ParseDuration(text);
  if (!parsed.ok()) return false;
  value = *parsed;
  return true;
}

// Reads members of one map into limits; what can't be read it leaves, and logs if it is to.
class MemberReader {
 public:
  MemberReader(const ConfigNode& node, std::string_view policy, bool report)
      : node_(node), policy_(policy), report_(report) {}

  // Whether the value was there and good.
  template <typename T>
  bool operator()(std::string_view name, T& value) const {
    const ConfigNode* member = node_.Find(name);
    if (member == nullptr) return false;
    if (Read(member->scalar, value)) return true;
    if (report_) {
      LogWarn("ignoring a setting that cannot be read",
              {{"setting", name}, {"policy", policy_}, {"value", member->scalar}});
    }
    return false;
  }

 private:
  const ConfigNode& node_;
  const std::string_view policy_;
  const bool report_;
};

void ReadSharding(const ConfigNode& node, std::string_view policy, bool report, StreamLimits& out) {
  const MemberReader read(node, policy, report);
  read("enabled", out.sharded);
  read("logging_enabled", out.log_shards);
  read("desired_rate", out.shard_rate);
  read("time_sharding_enabled", out.time_sharded);
  read("time_sharding_ignore_recent", out.time_sharded_age);
}

void ReadPolicy(const ConfigNode& node, std::string_view policy, bool report, StreamLimits& out) {
  const MemberReader read(node, policy, report);
  const bool has_max = read("max_streams_per_user", out.max_streams);
  const bool has_global = read("max_global_streams_per_user", out.max_global_streams);
  out.own_count = has_max || has_global;
  read("per_stream_rate_limit", out.rate);
  read("per_stream_rate_limit_burst", out.burst);
  if (const ConfigNode* sharding = node.Find("shard_streams")) {
    ReadSharding(*sharding, policy, report, out);
  }
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
  ReadSharding(limits.shard_streams, "", /*report=*/false, out);
  if (HasOwnLimits(limits, policy)) {
    ReadPolicy(*limits.policy_override_limits.Find(policy), policy, /*report=*/false, out);
  }
  return out;
}

void ReportBadStreamLimits(const Limits& limits) {
  StreamLimits unused;
  ReadSharding(limits.shard_streams, "", /*report=*/true, unused);
  for (const auto& [policy, node] : limits.policy_override_limits.members) {
    ReadPolicy(node, policy, /*report=*/true, unused);
  }
}

}  // namespace skald

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/duration.h"
#include "common/status.h"
#include "distributor/push_rules.h"
#include "distributor/stream_shards.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/push_batch.h"

namespace skald::distributor {

inline constexpr std::string_view kBackfillLabel = "__backfill__";
inline constexpr std::string_view kBackfillShardLabel = "__backfill_shard__";

// Headers of a push that bear on its streams.
struct StreamContext {
  std::string_view policy;          // Replaces the one that selectors give; empty: they decide.
  std::string_view backfill_shard;  // Not empty: the push is backfill data of that shard.
};

// All that follows from a stream's labels alone, so that it is found out once and not with every
// push.
//
// Threads: immutable once made, but for `shards`, which any thread may call; shared by pushes.
struct StreamProfile {
  std::shared_ptr<const model::Labels> labels;  // With service_name and backfill labels.
  model::Fingerprint fingerprint;
  bool internal = false;  // Made by the system itself: exempt from discovery and label limits.
  bool service_name_discovered = false;
  bool reserved = false;  // The client set backfill labels, which only a header may.
  std::optional<std::string_view> level;  // Of all entries; points into *labels or static memory.
  std::string policy;
  std::string retention_hours;           // That its entries are kept; empty for ever.
  bool has_own_limits = false;           // policy_override_limits says something of the policy.
  std::unique_ptr<StreamShards> shards;  // Null where the stream is never split.
  uint64_t shard_rate = 0;               // Bytes a second of one shard.
  bool log_shards = false;
  bool time_sharded = false;  // Entries older than that become streams by their time.
  Nanoseconds time_sharded_age{0};
  size_t label_bytes = 0;      // Of *labels as text.
  std::string missing_labels;  // Enforced labels that it has not: a,b.
  // Why the labels themselves are refused; no reason if they are not.
  std::string_view refusal_reason;  // Static; the label `reason` of metrics.
  std::string refusal_message;
};

// The profile of a stream, from its labels if they are set, else from its label text.
// kInvalidArgument `couldn't parse labels: ...` for a text that is none.
Result<StreamProfile> MakeStreamProfile(const PushRules& rules, const StreamContext& context,
                                        const model::PushStream& stream);

}  // namespace skald::distributor

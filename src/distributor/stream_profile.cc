#include "distributor/stream_profile.h"

#include <algorithm>
#include <utility>

#include "common/stream_limits.h"

namespace skald::distributor {
namespace {

// Labels that mark streams of the system itself.
constexpr std::string_view kInternalLabels[] = {"__aggregated_metric__", "__pattern__"};

bool IsInternal(const model::Labels& labels) {
  return std::any_of(std::begin(kInternalLabels), std::end(kInternalLabels),
                     [&](std::string_view name) { return labels.Has(name); });
}

void Refuse(StreamProfile& profile, std::string_view reason, std::string message) {
  profile.refusal_reason = reason;
  profile.refusal_message = std::move(message);
}

bool LacksServiceName(const PushRules& rules, const model::Labels& labels,
                      const StreamProfile& profile) {
  return !rules.limits->discover_service_name.empty() && !profile.internal &&
         labels.Get(kServiceNameLabel).empty();
}

// The labels that were sent with those that the system adds.
model::Labels Complete(const PushRules& rules, const StreamContext& context,
                       const model::Labels& labels, const StreamProfile& profile) {
  const bool discover = profile.service_name_discovered;
  if (!discover && context.backfill_shard.empty()) return labels;
  model::LabelsBuilder builder(labels);
  if (discover) {
    builder.Set(kServiceNameLabel,
                DiscoverServiceName(labels, rules.limits->discover_service_name));
  }
  if (!context.backfill_shard.empty()) {
    builder.Set(kBackfillLabel, "true").Set(kBackfillShardLabel, context.backfill_shard);
  }
  return builder.Build();
}

// Labels that the system adds are not held against the client.
bool CountsToLimit(std::string_view name) {
  return name != kServiceNameLabel && name != kBackfillLabel && name != kBackfillShardLabel;
}

void CheckLabels(const Limits& limits, StreamProfile& profile) {
  const model::Labels& labels = *profile.labels;
  int count = 0;
  for (const model::LabelView& label : labels) count += CountsToLimit(label.name) ? 1 : 0;
  if (count > limits.max_label_names_per_series) {
    return Refuse(profile, "max_label_names_per_series",
                  "entry for stream '" + labels.ToString() + "' has " + std::to_string(count) +
                      " label names; limit " + std::to_string(limits.max_label_names_per_series));
  }
  for (const model::LabelView& label : labels) {
    if (label.name.size() > static_cast<size_t>(limits.max_label_name_length)) {
      return Refuse(profile, "label_name_too_long",
                    "stream '" + labels.ToString() + "' has label name too long: '" +
                        std::string(label.name) + "'");
    }
    if (label.value.size() > static_cast<size_t>(limits.max_label_value_length)) {
      return Refuse(profile, "label_value_too_long",
                    "stream '" + labels.ToString() + "' has label value too long: '" +
                        std::string(label.value) + "'");
    }
  }
}

// Of the labels that the tenant and the policy demand, those that are missing.
std::string MissingLabels(const PushRules& rules, const StreamProfile& profile) {
  std::vector<std::string_view> required(rules.limits->enforced_labels.begin(),
                                         rules.limits->enforced_labels.end());
  const auto policy = rules.policy_enforced_labels.find(profile.policy);
  if (policy != rules.policy_enforced_labels.end()) {
    for (const std::string& name : policy->second) {
      const bool known = std::find(required.begin(), required.end(), name) != required.end();
      if (!known) required.push_back(name);
    }
  }
  std::string missing;
  for (const std::string_view name : required) {
    if (!profile.labels->Get(name).empty()) continue;
    if (!missing.empty()) missing += ',';
    missing += name;
  }
  return missing;
}

// Streams of the system itself are slow; labels that say which shard it is are not for splitting.
void PrepareShards(const PushRules& rules, StreamProfile& profile) {
  const StreamLimits& limits = rules.StreamLimitsOf(profile.policy);
  if (profile.internal) return;
  profile.time_sharded = limits.time_sharded && !profile.labels->Has(kTimeShardLabel);
  profile.time_sharded_age = limits.time_sharded_age;
  if (!limits.sharded || limits.shard_rate == 0 || profile.labels->Has(kStreamShardLabel)) return;
  profile.shards = std::make_unique<StreamShards>(profile.labels);
  profile.shard_rate = limits.shard_rate;
  profile.log_shards = limits.log_shards;
}

}  // namespace

Result<StreamProfile> MakeStreamProfile(const PushRules& rules, const StreamContext& context,
                                        const model::PushStream& stream) {
  StreamProfile profile;
  model::Labels sent;
  if (stream.labels != nullptr) {
    sent = *stream.labels;
  } else if (!stream.label_text.empty()) {
    Result<model::Labels> parsed = model::ParseLabels(stream.label_text);
    if (parsed.status().code() == StatusCode::kAlreadyExists) {
      profile.labels = std::make_shared<const model::Labels>();
      Refuse(profile, "duplicate_label_names",
             "stream '" + std::string(stream.label_text) + "' has duplicate label name: '" +
                 std::string(parsed.status().message()) + "'");
      return profile;
    }
    if (!parsed.ok()) return Annotate(std::move(parsed).status(), "couldn't parse labels");
    sent = *std::move(parsed);
  }
  profile.reserved = sent.Has(kBackfillLabel) || sent.Has(kBackfillShardLabel);
  profile.internal = IsInternal(sent);
  profile.service_name_discovered = LacksServiceName(rules, sent, profile);
  profile.labels = std::make_shared<const model::Labels>(Complete(rules, context, sent, profile));
  profile.fingerprint = profile.labels->Hash();
  profile.label_bytes = profile.labels->ToString().size();
  profile.policy = context.policy.empty() ? rules.PolicyOf(*profile.labels) : context.policy;
  profile.retention_hours = rules.RetentionHoursOf(*profile.labels);
  profile.has_own_limits = HasOwnLimits(*rules.limits, profile.policy);
  PrepareShards(rules, profile);
  profile.level = rules.level_detector.FromLabels(*profile.labels);
  if (profile.labels->empty()) {
    Refuse(profile, "missing_labels", "error at least one label pair is required per stream");
  } else if (!profile.internal) {
    CheckLabels(*rules.limits, profile);
    profile.missing_labels = MissingLabels(rules, profile);
  }
  return profile;
}

}  // namespace skald::distributor

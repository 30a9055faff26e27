#include "distributor/push_validator.h"

#include <algorithm>
#include <limits>

#include "wire/rfc3339.h"

namespace skald::distributor {
namespace {

std::string FormatTime(int64_t time_ns) {
  std::string text;
  wire::AppendRfc3339(text, time_ns);
  return text;
}

Refusals::Kind KindOf(const StreamProfile& profile, std::string_view reason) {
  return {.reason = reason, .policy = profile.policy, .retention_hours = profile.retention_hours};
}

// Why the oldest acceptable time is what it is, if it is the floor.
constexpr const char* kNoRoom =
    ": what is older went to make room (compactor.retention_max_bytes, retention_max_disk_share)";

size_t MetadataBytes(std::span<const model::MetadataPair> metadata) {
  size_t bytes = 0;
  for (const model::MetadataPair& pair : metadata) bytes += pair.name.size() + pair.value.size();
  return bytes;
}

}  // namespace

size_t EntryBytes(const model::PushEntry& entry, std::span<const model::MetadataPair> metadata) {
  return entry.line.size() + MetadataBytes(metadata);
}

PushValidator::PushValidator(const PushRules& rules, const Options& options, Refusals& refusals)
    : rules_(rules), limits_(*rules.limits), options_(options), refusals_(refusals) {
  const bool any_age = !limits_.reject_old_samples || options.backfill;
  oldest_ns_ = any_age ? std::numeric_limits<int64_t>::min()
                       : options.now_ns - limits_.reject_old_samples_max_age.count();
  oldest_ns_ = std::max(oldest_ns_, options.floor_ns);
  newest_ns_ = options.now_ns + limits_.creation_grace_period.count();
}

bool PushValidator::RefuseStream(const StreamProfile& profile, std::string_view reason,
                                 std::string_view message, uint64_t entries, uint64_t bytes) {
  refusals_.AddCount(KindOf(profile, reason), entries, bytes);
  refusals_.AddError(message);
  return false;
}

bool PushValidator::CheckStream(const StreamProfile& profile, uint64_t entries, uint64_t bytes) {
  label_text_.clear();
  if (!profile.refusal_reason.empty()) {
    return RefuseStream(profile, profile.refusal_reason, profile.refusal_message, entries, bytes);
  }
  if (!profile.missing_labels.empty()) {
    return RefuseStream(profile, "missing_enforced_labels",
                        "missing required labels '" + profile.missing_labels + "' for user '" +
                            std::string(options_.tenant) + "' for stream '" + LabelText(profile) +
                            "' (policy: '" + profile.policy + "')",
                        entries, bytes);
  }
  return true;
}

int64_t PushValidator::PolicyBlockedUntil(const StreamProfile& profile) const {
  const auto blocked = rules_.policy_blocked_until_ns.find(profile.policy);
  return blocked == rules_.policy_blocked_until_ns.end() ? 0 : blocked->second;
}

bool PushValidator::IsBlocked(const StreamProfile& profile) const {
  return rules_.blocked_until_ns > options_.now_ns || PolicyBlockedUntil(profile) > options_.now_ns;
}

void PushValidator::RefuseBlocked(const StreamProfile& profile, uint64_t entries, uint64_t bytes) {
  const bool whole_tenant = rules_.blocked_until_ns > options_.now_ns;
  const int64_t until_ns = whole_tenant ? rules_.blocked_until_ns : PolicyBlockedUntil(profile);
  blocked_message_ = "ingestion blocked for user '" + std::string(options_.tenant) + "'" +
                     (whole_tenant ? "" : " (policy: '" + profile.policy + "')") + " until '" +
                     FormatTime(until_ns) + "' with status code '" +
                     std::to_string(limits_.block_ingestion_status_code) + "'";
  refusals_.AddCount(
      KindOf(profile, whole_tenant ? "blocked_ingestion" : "blocked_ingestion_policy"), entries,
      bytes);
}

bool PushValidator::CheckEntry(const StreamProfile& profile, const model::PushEntry& entry,
                               std::span<const model::MetadataPair> metadata) {
  const size_t metadata_bytes = MetadataBytes(metadata);
  const size_t bytes = entry.line.size() + metadata_bytes;
  if (!CheckTime(profile, entry, bytes)) return false;
  if (limits_.max_line_size != 0 && entry.line.size() > limits_.max_line_size) {
    RefuseEntry(profile, "line_too_long",
                "max entry size '" + std::to_string(limits_.max_line_size) +
                    "' bytes exceeded for stream '" + LabelText(profile) +
                    "' while adding an entry with length '" + std::to_string(entry.line.size()) +
                    "' bytes",
                bytes);
    return false;
  }
  return metadata.empty() || CheckMetadata(profile, metadata, metadata_bytes, bytes);
}

bool PushValidator::CheckTime(const StreamProfile& profile, const model::PushEntry& entry,
                              size_t bytes) {
  if (entry.time_ns < oldest_ns_) {
    RefuseEntry(profile, "greater_than_max_sample_age",
                "entry for stream '" + LabelText(profile) +
                    "' has timestamp too old: " + FormatTime(entry.time_ns) +
                    ", oldest acceptable timestamp is: " + FormatTime(oldest_ns_) +
                    (oldest_ns_ == options_.floor_ns ? kNoRoom : ""),
                bytes);
    return false;
  }
  if (entry.time_ns > newest_ns_) {
    RefuseEntry(profile, "too_far_in_future",
                "entry for stream '" + LabelText(profile) +
                    "' has timestamp too new: " + FormatTime(entry.time_ns),
                bytes);
    return false;
  }
  return true;
}

bool PushValidator::CheckMetadata(const StreamProfile& profile,
                                  std::span<const model::MetadataPair> metadata,
                                  size_t metadata_bytes, size_t bytes) {
  if (!limits_.allow_structured_metadata) {
    RefuseEntry(profile, "disallowed_structured_metadata",
                "stream '" + LabelText(profile) +
                    "' includes structured metadata, but this feature is disallowed. Please see "
                    "`limits_config.allow_structured_metadata` or contact your Loki administrator "
                    "to enable it",
                bytes);
    return false;
  }
  const uint64_t max_bytes = limits_.max_structured_metadata_size;
  if (max_bytes > 0 && metadata_bytes > max_bytes) {
    RefuseEntry(profile, "structured_metadata_too_large",
                "stream '" + LabelText(profile) + "' has structured metadata too large: '" +
                    std::to_string(metadata_bytes) + "' bytes, limit: '" +
                    std::to_string(max_bytes) +
                    "' bytes. Please see `limits_config.max_structured_metadata_size` or contact "
                    "your Loki administrator to increase it",
                bytes);
    return false;
  }
  const int max_count = limits_.max_structured_metadata_entries_count;
  if (max_count > 0 && metadata.size() > static_cast<size_t>(max_count)) {
    RefuseEntry(profile, "structured_metadata_too_many",
                "stream '" + LabelText(profile) + "' has too many structured metadata labels: '" +
                    std::to_string(metadata.size()) + "', limit: '" + std::to_string(max_count) +
                    "'. Please see `limits_config.max_structured_metadata_entries_count` or "
                    "contact your Loki administrator to increase it",
                bytes);
    return false;
  }
  return true;
}

void PushValidator::RefuseEntry(const StreamProfile& profile, std::string_view reason,
                                std::string_view message, size_t bytes) {
  refusals_.AddCount(KindOf(profile, reason), 1, bytes);
  refusals_.AddError(message);
}

const std::string& PushValidator::LabelText(const StreamProfile& profile) {
  if (label_text_.empty()) label_text_ = profile.labels->ToString();
  return label_text_;
}

}  // namespace skald::distributor

#include "distributor/push_log.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "common/duration.h"
#include "common/hash.h"
#include "common/log_fields.h"
#include "common/logging.h"
#include "distributor/field_detection.h"

namespace skald::distributor {
namespace {

constexpr int64_t kNanosPerMilli = 1'000'000;

struct Sizes {
  uint64_t labels = 0;
  uint64_t lines = 0;
  uint64_t metadata = 0;
  uint64_t expanded = 0;  // If each line had its stream's labels with it.
  int64_t newest_ns = std::numeric_limits<int64_t>::min();
};

Sizes SizesOf(const PushJob& job, const model::PushBatch& sent) {
  Sizes sizes;
  for (size_t i = 0; i < sent.streams.size(); ++i) {
    const model::PushStream& stream = sent.streams[i];
    const uint64_t label_bytes =
        stream.label_text.empty() ? job.profiles[i]->label_bytes : stream.label_text.size();
    sizes.labels += label_bytes;
    sizes.expanded += label_bytes * stream.entry_count;
  }
  for (const model::PushEntry& entry : sent.entries) {
    sizes.lines += entry.line.size();
    sizes.newest_ns = std::max(sizes.newest_ns, entry.time_ns);
  }
  for (const model::MetadataPair& pair : sent.metadata) {
    sizes.metadata += pair.name.size() + pair.value.size();
  }
  sizes.expanded += sizes.lines + sizes.metadata;
  return sizes;
}

// Equal for pushes of the same streams, whatever their order.
uint64_t HashOfLabels(const PushJob& job) {
  std::vector<uint64_t> hashes;
  for (const auto& profile : job.profiles) hashes.push_back(profile->fingerprint.value());
  std::sort(hashes.begin(), hashes.end());
  uint64_t all = 0;
  for (const uint64_t hash : hashes) all = HashCombine(all, hash);
  return all;
}

void LogStreams(const PushJob& job, const model::PushBatch& sent, bool with_hash) {
  for (size_t i = 0; i < sent.streams.size(); ++i) {
    const StreamProfile& profile = *job.profiles[i];
    std::vector<LogField> fields = {{"org_id", job.tenant_id.value()},
                                    {"stream", profile.labels->ToString()},
                                    {"entries", sent.streams[i].entry_count}};
    if (with_hash) fields.emplace_back("hashOfLabels", profile.fingerprint.value());
    LogFields(LogLevel::kInfo, "push request stream", fields);
  }
}

void LogParsed(const PushJob& job, const model::PushBatch& sent, int64_t now_ns, bool with_hash) {
  const PushContext& context = job.context;
  const Sizes sizes = SizesOf(job, sent);
  const int64_t lag_ms = sent.entries.empty() ? 0 : (now_ns - sizes.newest_ns) / kNanosPerMilli;
  std::vector<LogField> fields = {{"org_id", job.tenant_id.value()}};
  if (!context.trace_id.empty()) fields.emplace_back("traceID", context.trace_id);
  fields.insert(fields.end(),
                {{"path", context.path},
                 {"contentType", context.content_type},
                 {"contentEncoding", context.content_encoding},
                 {"bodySize", FormatHumanBytes(context.body_bytes)},
                 {"streams", sent.streams.size()},
                 {"entries", sent.entries.size()},
                 {"streamLabelsSize", FormatHumanBytes(sizes.labels)},
                 {"entriesSize", FormatHumanBytes(sizes.lines)},
                 {"structuredMetadataSize", FormatHumanBytes(sizes.metadata)},
                 {"totalSize", FormatHumanBytes(sizes.labels + sizes.lines + sizes.metadata)},
                 {"totalExpandedSize", FormatHumanBytes(sizes.expanded)},
                 {"mostRecentLagMs", lag_ms}});
  const std::string_view client = ClientAddress(context.forwarded_for);
  if (!client.empty()) fields.emplace_back("presumedAgentIp", client);
  if (!context.user_agent.empty()) fields.emplace_back("userAgent", context.user_agent);
  if (with_hash) fields.emplace_back("hashOfLabels", HashOfLabels(job));
  LogFields(LogLevel::kDebug, "push request parsed", fields);
}

void LogDiscoveredNames(const PushJob& job, const model::PushBatch& sent) {
  for (size_t i = 0; i < sent.streams.size(); ++i) {
    const StreamProfile& profile = *job.profiles[i];
    if (!profile.service_name_discovered && !sent.streams[i].service_name_discovered) continue;
    LogInfo("service name discovered", {{"org_id", job.tenant_id.value()},
                                        {"service_name", profile.labels->Get(kServiceNameLabel)},
                                        {"stream", profile.labels->ToString()}});
  }
}

// Attributes of resources and scopes are one text in memory, however many entries have them.
void LogExpansion(const PushJob& job, const model::PushBatch& sent) {
  HashMap<const char*, size_t> texts;
  uint64_t bytes = 0;
  uint64_t text_bytes = 0;
  for (const model::MetadataPair& pair : sent.metadata) {
    const size_t size = pair.name.size() + pair.value.size();
    bytes += size;
    if (texts.emplace(pair.value.data(), size).second) text_bytes += size;
  }
  LogInfo("otlp attributes expanded", {{"org_id", job.tenant_id.value()},
                                       {"entries", sent.entries.size()},
                                       {"attributes", texts.size()},
                                       {"attributesSize", FormatHumanBytes(text_bytes)},
                                       {"expandedAttributes", sent.metadata.size()},
                                       {"expandedAttributesSize", FormatHumanBytes(bytes)}});
}

}  // namespace

std::string_view ClientAddress(std::string_view forwarded_for) {
  std::string_view first = forwarded_for.substr(0, forwarded_for.find(','));
  while (first.starts_with(' ')) first.remove_prefix(1);
  while (first.ends_with(' ')) first.remove_suffix(1);
  return first;
}

void LogPush(const PushJob& job, const model::PushBatch& sent, int64_t now_ns) {
  const OperationalConfig& config = job.tenant.rules.limits->operational;
  const std::vector<std::string>& only = config.filter_push_request_streams_ips;
  if (config.log_push_request_streams &&
      (only.empty() || std::find(only.begin(), only.end(),
                                 ClientAddress(job.context.forwarded_for)) != only.end())) {
    LogStreams(job, sent, config.log_hash_of_labels);
  }
  if (config.log_service_name_discovery) LogDiscoveredNames(job, sent);
  if (config.log_otlp_attribute_expansion && job.context.format == "otlp") LogExpansion(job, sent);
  if (config.log_push_request && GetLogLevel() <= LogLevel::kDebug) {
    LogParsed(job, sent, now_ns, config.log_hash_of_labels);
  }
}

}  // namespace skald::distributor

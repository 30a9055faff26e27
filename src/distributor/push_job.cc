#include "distributor/push_job.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/ascii.h"

namespace skald::distributor {
namespace {

constexpr double kBytesPerMb = 1 << 20;
constexpr int kSilentBlockStatus = 200;  // What is blocked so is dropped as if it were stored.

// What a policy is called in metrics: a header may name any, and each would be a series of its own.
std::string_view MetricPolicy(const PushRules& rules, std::string_view policy) {
  return rules.KnowsPolicy(policy) ? policy : std::string_view();
}

// The rate that a policy's lines count to: its own, or with an empty name the tenant's.
IngestLimiter::Share EmptyShare(const PushRules& rules, std::string_view policy, double scale) {
  double rate_mb = rules.limits->ingestion_rate_mb;
  double burst_mb = rules.limits->ingestion_burst_size_mb;
  if (!policy.empty()) {
    const PushRules::PolicyRates& own = rules.policy_rates.find(policy)->second;
    rate_mb = *own.rate_mb;
    burst_mb = own.burst_mb.value_or(burst_mb);
  }
  return {.policy = policy, .rate = rate_mb * scale, .burst = burst_mb * kBytesPerMb};
}

// As metrics have it: whatever a client wrote is one of a few.
PushMetrics::Form FormOf(const PushContext& context) {
  PushMetrics::Form form = {.format = context.format, .content_type = "application/x-protobuf"};
  constexpr std::string_view kJson = "application/json";
  if (EqualsIgnoringCase(context.content_type.substr(0, kJson.size()), kJson)) {
    form.content_type = kJson;
    if (context.format == "loki") {
      form.content_version = context.path.ends_with("/api/prom/push") ? "v0" : "v1";
    }
  }
  for (const std::string_view encoding : {"gzip", "deflate", "snappy", "zstd", "lz4"}) {
    if (context.content_encoding == encoding) form.content_encoding = encoding;
  }
  return form;
}

}  // namespace

Tenant::Tenant(std::string name, uint64_t id, std::shared_ptr<const Limits> limits)
    : rules_id(id), rules(std::move(limits)), metrics(std::move(name)) {}

void PublishForm(const PushJob& job) {
  if (!job.context.path.empty()) job.tenant.metrics.AddPush(FormOf(job.context));
}

void AddReceived(PushJob& job, const StreamProfile& profile,
                 const BatchBuilder::StreamTotals& totals) {
  for (PushMetrics::Received& received : job.received) {
    if (received.policy != profile.policy || received.internal != profile.internal ||
        received.retention_hours != profile.retention_hours) {
      continue;
    }
    received.lines += totals.lines;
    received.bytes += totals.bytes;
    received.metadata_bytes += totals.metadata_bytes;
    received.label_bytes += totals.lines * profile.label_bytes;
    return;
  }
  job.received.push_back({.format = job.context.format,
                          .policy = profile.policy,
                          .retention_hours = profile.retention_hours,
                          .internal = profile.internal,
                          .lines = totals.lines,
                          .bytes = totals.bytes,
                          .metadata_bytes = totals.metadata_bytes,
                          .label_bytes = totals.lines * profile.label_bytes});
}

std::vector<IngestLimiter::Share> SharesOf(const PushJob& job, double rate_share) {
  const PushRules& rules = job.tenant.rules;
  const double scale =
      kBytesPerMb * (rules.limits->ingestion_rate_strategy == "local" ? 1 : rate_share);
  std::vector<IngestLimiter::Share> shares;
  for (const PushMetrics::Received& received : job.received) {
    const auto own = rules.policy_rates.find(received.policy);
    const bool has_own = own != rules.policy_rates.end() && own->second.rate_mb.has_value();
    const std::string_view policy = has_own ? received.policy : std::string_view();
    auto share = shares.begin();
    while (share != shares.end() && share->policy != policy) ++share;
    if (share == shares.end()) share = shares.insert(share, EmptyShare(rules, policy, scale));
    share->lines += received.lines;
    share->bytes += received.bytes;
  }
  return shares;
}

void AddRefusals(PushJob& job, const model::PushBatch& batch, const rpc::PushOutcome& outcome) {
  for (const rpc::PushOutcome::Refusal& refusal : outcome.refusals) {
    const auto stream =
        std::ranges::find(batch.streams, refusal.stream, &model::PushStream::fingerprint);
    const std::string hours = stream == batch.streams.end()
                                  ? std::string()
                                  : job.tenant.rules.RetentionHoursOf(*stream->labels);
    job.refusals.AddCount({.reason = refusal.reason, .policy = "", .retention_hours = hours},
                          refusal.entries, refusal.bytes);
  }
}

void PublishDiscarded(const PushJob& job) {
  for (const Refusals::Count& count : job.refusals.counts()) {
    job.tenant.metrics.AddDiscarded({.format = job.context.format,
                                     .policy = MetricPolicy(job.tenant.rules, count.policy),
                                     .reason = count.reason,
                                     .retention_hours = count.retention_hours,
                                     .entries = count.entries,
                                     .bytes = count.bytes});
  }
}

void PublishReceived(const PushJob& job, const BatchBuilder& builder, int64_t now_ns) {
  PushMetrics& metrics = job.tenant.metrics;
  for (PushMetrics::Received received : job.received) {
    received.policy = MetricPolicy(job.tenant.rules, received.policy);
    metrics.AddReceived(received);
  }
  if (builder.sanitized() > 0) metrics.AddSanitized(job.context.format, builder.sanitized());
  if (builder.truncated_lines() > 0) {
    metrics.AddTruncated(builder.truncated_lines(), builder.truncated_bytes());
  }
  builder.line_sizes().Publish();
  constexpr int64_t kNanosPerMilli = 1'000'000;
  const int64_t lag_ms = (now_ns - builder.newest_ns()) / kNanosPerMilli;
  if (lag_ms > 0) metrics.AddLag(job.context.user_agent, job.context.format, lag_ms);
}

PushReply ReplyFor(const PushJob& job, const PushValidator& validator,
                   const rpc::PushOutcome& outcome) {
  constexpr size_t kMaxTold = 10;  // Refusals of ingesters, each some lines long.
  std::string text = job.refusals.HasErrors() ? job.refusals.Text() : "";
  StatusCode code = StatusCode::kInvalidArgument;
  size_t told = 0;
  for (const rpc::PushOutcome::Refusal& refusal : outcome.refusals) {
    if (code == StatusCode::kInvalidArgument || refusal.code == StatusCode::kResourceExhausted) {
      code = refusal.code;
    }
    if (told++ >= kMaxTold) continue;
    if (!text.empty()) text += '\n';
    text += refusal.message;
  }
  if (!text.empty()) return {.status = Status(code, std::move(text))};
  const int status = job.tenant.rules.limits->block_ingestion_status_code;
  if (validator.blocked_message().empty() || status == kSilentBlockStatus) return {};
  return {.status = Status(StatusCode::kPermissionDenied, validator.blocked_message()),
          .blocked_status = status};
}

}  // namespace skald::distributor

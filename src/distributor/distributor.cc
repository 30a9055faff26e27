#include "distributor/distributor.h"

#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "common/logging.h"
#include "common/mutex.h"
#include "common/utf8.h"
#include "distributor/batch_builder.h"
#include "distributor/ingest_limiter.h"
#include "distributor/profile_cache.h"
#include "distributor/push_metrics.h"
#include "distributor/push_rules.h"
#include "distributor/push_sharding.h"
#include "distributor/push_validator.h"
#include "distributor/refusals.h"

namespace skald::distributor {
namespace {

constexpr double kBytesPerMb = 1 << 20;
constexpr int kSilentBlockStatus = 200;  // What is blocked so is dropped as if it were stored.

// A tenant with the limits in force: one more is made when they change.
struct Tenant {
  Tenant(std::string name, uint64_t id, std::shared_ptr<const Limits> limits)
      : rules_id(id),
        rules(std::move(limits)),
        metrics(std::move(name), RetentionHours(*rules.limits)) {}

  static std::string RetentionHours(const Limits& limits) {
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(limits.retention_period);
    return hours.count() == 0 ? "" : std::to_string(hours.count());
  }

  const uint64_t rules_id;
  const PushRules rules;
  PushMetrics metrics;
};

// One push on its way.
struct PushJob {
  const model::TenantId& tenant_id;
  Tenant& tenant;
  const PushContext& context;
  std::vector<std::shared_ptr<const StreamProfile>> profiles;  // Of the streams that were sent.
  Refusals refusals;
  std::vector<PushMetrics::Received> received;  // By policy, and of internal streams.
};

// What a policy is called in metrics: a header may name any, and each would be a series of its own.
std::string_view MetricPolicy(const PushRules& rules, std::string_view policy) {
  return rules.KnowsPolicy(policy) ? policy : std::string_view();
}

void AddReceived(PushJob& job, const StreamProfile& profile,
                 const BatchBuilder::StreamTotals& totals) {
  for (PushMetrics::Received& received : job.received) {
    if (received.policy != profile.policy || received.internal != profile.internal) continue;
    received.lines += totals.lines;
    received.bytes += totals.bytes;
    received.metadata_bytes += totals.metadata_bytes;
    return;
  }
  job.received.push_back({.format = job.context.format,
                          .policy = profile.policy,
                          .internal = profile.internal,
                          .lines = totals.lines,
                          .bytes = totals.bytes,
                          .metadata_bytes = totals.metadata_bytes});
}

// What of the push falls under which rate.
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
    if (share == shares.end()) {
      const Limits& limits = *rules.limits;
      const double rate_mb = has_own ? *own->second.rate_mb : limits.ingestion_rate_mb;
      const double burst_mb = has_own
                                  ? own->second.burst_mb.value_or(limits.ingestion_burst_size_mb)
                                  : limits.ingestion_burst_size_mb;
      share = shares.insert(
          share, {.policy = policy, .rate = rate_mb * scale, .burst = burst_mb * kBytesPerMb});
    }
    share->lines += received.lines;
    share->bytes += received.bytes;
  }
  return shares;
}

// What operational_config wants to see of a push that was read and checked.
void LogPush(const PushJob& job, const model::PushBatch& sent) {
  const OperationalConfig& config = job.tenant.rules.limits->operational;
  if (config.log_push_request_streams) {
    for (size_t i = 0; i < sent.streams.size(); ++i) {
      LogInfo("push request stream", {{"org_id", job.tenant_id.value()},
                                      {"stream", job.profiles[i]->labels->ToString()},
                                      {"entries", sent.streams[i].entry_count}});
    }
  }
  if (!config.log_push_request) return;
  uint64_t lines = 0;
  uint64_t bytes = 0;
  for (const PushMetrics::Received& received : job.received) {
    lines += received.lines;
    bytes += received.bytes;
  }
  LogInfo("push request", {{"org_id", job.tenant_id.value()},
                           {"format", job.context.format},
                           {"user_agent", job.context.user_agent},
                           {"streams", sent.streams.size()},
                           {"entries", sent.entries.size()},
                           {"good_entries", lines},
                           {"good_bytes", bytes}});
}

void PublishDiscarded(const PushJob& job) {
  for (const Refusals::Count& count : job.refusals.counts()) {
    job.tenant.metrics.AddDiscarded({.format = job.context.format,
                                     .policy = MetricPolicy(job.tenant.rules, count.policy),
                                     .reason = count.reason,
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

// The answer when the ingesters have what was good. Refusals of limits come before those of
// content: they are worth trying again, and what is stored already is then dropped as duplicate.
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

}  // namespace

struct Distributor::Rep {
  Rep(const Options& o, const LimitsSource& l, Replicator& r, const Clock& c)
      : options(o), limits(l), replicator(r), clock(c), profiles(o.label_cache_bytes), limiter(c) {}

  std::shared_ptr<Tenant> TenantOf(const model::TenantId& id);
  Status FindProfiles(PushJob& job, const model::PushBatch& batch);
  void AddStreams(PushJob& job, PushValidator& validator, BatchBuilder& builder);
  PushReply Push(PushJob& job, model::PushBatch batch);

  const Options options;
  const LimitsSource& limits;
  Replicator& replicator;
  const Clock& clock;
  ProfileCache profiles;
  IngestLimiter limiter;
  Mutex mutex;
  StringMap<std::shared_ptr<Tenant>> tenants SKALD_GUARDED_BY(mutex);
  uint64_t next_rules_id SKALD_GUARDED_BY(mutex) = 0;
};

std::shared_ptr<Tenant> Distributor::Rep::TenantOf(const model::TenantId& id) {
  std::shared_ptr<const Limits> now = limits.For(id.value());
  MutexLock lock(mutex);
  std::shared_ptr<Tenant>& tenant = tenants[id.value()];
  if (tenant == nullptr || tenant->rules.limits != now) {
    tenant = std::make_shared<Tenant>(id.value(), next_rules_id++, std::move(now));
  }
  return tenant;
}

// Fails for labels that concern the push as a whole: nothing of it is stored then.
Status Distributor::Rep::FindProfiles(PushJob& job, const model::PushBatch& batch) {
  const StreamContext context = {.policy = job.context.policy,
                                 .backfill_shard = job.context.backfill_shard};
  job.profiles.reserve(batch.streams.size());
  bool reserved = false;
  for (const model::PushStream& stream : batch.streams) {
    SKALD_ASSIGN_OR_RETURN(auto profile,
                           profiles.Get(job.tenant.rules, job.tenant.rules_id, context, stream));
    reserved |= profile->reserved;
    job.profiles.push_back(std::move(profile));
  }
  if (!reserved) return {};
  return InvalidArgument(
      "streams must not contain the reserved labels __backfill__ or __backfill_shard__; set the "
      "X-Loki-Backfill-Shard header to mark a push as backfill data");
}

void Distributor::Rep::AddStreams(PushJob& job, PushValidator& validator, BatchBuilder& builder) {
  const std::vector<model::PushStream>& streams = builder.sent().streams;
  for (size_t i = 0; i < streams.size(); ++i) {
    const model::PushStream& stream = streams[i];
    const StreamProfile& profile = *job.profiles[i];
    if (stream.entry_count == 0) continue;
    const bool suspect = !profile.refusal_reason.empty() || !profile.missing_labels.empty();
    const uint64_t bytes = suspect ? builder.BytesOf(stream) : 0;
    if (!validator.CheckStream(profile, stream.entry_count, bytes)) continue;
    if (validator.IsBlocked(profile)) {
      validator.RefuseBlocked(profile, stream.entry_count, builder.BytesOf(stream));
      continue;
    }
    const BatchBuilder::StreamTotals totals = builder.AddStream(stream, profile);
    if (totals.lines > 0) AddReceived(job, profile, totals);
  }
}

PushReply Distributor::Rep::Push(PushJob& job, model::PushBatch sent) {
  if (sent.streams.empty()) {
    job.tenant.metrics.AddEmptyPush("pre-validation");
    return {.status = Status(StatusCode::kFailedPrecondition,
                             "error at least one valid stream is required for ingestion")};
  }
  if (Status status = FindProfiles(job, sent); !status.ok()) return {.status = std::move(status)};

  const int64_t now_ns = clock.NowNs();
  PushValidator validator(job.tenant.rules,
                          {.tenant = job.tenant_id.value(),
                           .now_ns = now_ns,
                           .backfill = !job.context.backfill_shard.empty()},
                          job.refusals);
  BatchBuilder builder(job.tenant.rules, validator, std::move(sent));
  AddStreams(job, validator, builder);
  LogPush(job, builder.sent());

  const std::vector<IngestLimiter::Share> shares = SharesOf(job, options.rate_share);
  if (Status status = limiter.Admit(job.tenant_id.value(), shares); !status.ok()) {
    for (const PushMetrics::Received& received : job.received) {
      job.refusals.AddCount("rate_limited", received.policy, received.lines, received.bytes);
    }
    PublishDiscarded(job);
    return {.status = std::move(status)};
  }

  rpc::PushOutcome outcome;
  if (job.received.empty()) {
    job.tenant.metrics.AddEmptyPush("post-validation");
  } else {
    PublishReceived(job, builder, now_ns);
    model::PushBatch batch = builder.Finish();
    ShardStreams(job.tenant_id.value(), clock.MonotonicNs(), builder.sharding_inputs(), batch);
    Result<rpc::PushOutcome> pushed = replicator.Push(job.tenant_id, batch);
    if (!pushed.ok()) {
      PublishDiscarded(job);
      return {.status = std::move(pushed).status()};
    }
    outcome = *std::move(pushed);
    if (options.on_stored) options.on_stored(job.tenant_id, std::move(batch));
  }
  for (const rpc::PushOutcome::Refusal& refusal : outcome.refusals) {
    job.refusals.AddCount(refusal.reason, "", refusal.entries, refusal.bytes);
  }
  PublishDiscarded(job);
  return ReplyFor(job, validator, outcome);
}

Distributor::Distributor(const Options& options, const LimitsSource& limits, Replicator& replicator,
                         const Clock& clock)
    : rep_(std::make_unique<Rep>(options, limits, replicator, clock)) {}

Distributor::~Distributor() = default;

PushReply Distributor::Push(const model::TenantId& tenant_id, const PushContext& context,
                            model::PushBatch batch) {
  const std::shared_ptr<Tenant> tenant = rep_->TenantOf(tenant_id);
  PushJob job{.tenant_id = tenant_id, .tenant = *tenant, .context = context};
  PushReply reply = rep_->Push(job, std::move(batch));
  if (!reply.status.ok() && !tenant->rules.limits->operational.limited_log_push_errors) {
    LogWarn("push refused", {{"org_id", tenant_id.value()}, {"err", reply.status.message()}});
  }
  return reply;
}

}  // namespace skald::distributor

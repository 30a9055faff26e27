#include "distributor/distributor.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "distributor/batch_builder.h"
#include "distributor/ingest_limiter.h"
#include "distributor/profile_cache.h"
#include "distributor/push_job.h"
#include "distributor/push_log.h"
#include "distributor/push_sharding.h"
#include "distributor/push_validator.h"
#include "distributor/time_shards.h"

namespace skald::distributor {
namespace {

constexpr int64_t kNoFloor = std::numeric_limits<int64_t>::min();

}  // namespace

struct Distributor::Rep {
  Rep(const Options& o, const LimitsSource& l, Replicator& r, const Clock& c)
      : options(o), limits(l), replicator(r), clock(c), profiles(o.label_cache_bytes), limiter(c) {}

  std::shared_ptr<Tenant> TenantOf(const model::TenantId& id);
  Status FindProfiles(PushJob& job, const model::PushBatch& batch);
  void AddStreams(PushJob& job, PushValidator& validator, BatchBuilder& builder);
  PushReply Push(PushJob& job, model::PushBatch batch);
  // Brings the good entries to the ingesters, if there are any.
  Result<rpc::PushOutcome> Store(PushJob& job, BatchBuilder& builder, int64_t now_ns);

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
  PublishForm(job);
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
                           .backfill = !job.context.backfill_shard.empty(),
                           .floor_ns = options.floor_ns ? options.floor_ns() : kNoFloor},
                          job.refusals);
  BatchBuilder builder(job.tenant.rules, validator, std::move(sent));
  AddStreams(job, validator, builder);
  LogPush(job, builder.sent(), now_ns);

  const std::vector<IngestLimiter::Share> shares = SharesOf(job, options.rate_share);
  if (Status status = limiter.Admit(job.tenant_id.value(), shares); !status.ok()) {
    for (const PushMetrics::Received& received : job.received) {
      job.refusals.AddCount({.reason = "rate_limited",
                             .policy = received.policy,
                             .retention_hours = received.retention_hours},
                            received.lines, received.bytes);
    }
    PublishDiscarded(job);
    return {.status = std::move(status)};
  }

  Result<rpc::PushOutcome> outcome = Store(job, builder, now_ns);
  PublishDiscarded(job);
  if (!outcome.ok()) return {.status = std::move(outcome).status()};
  return ReplyFor(job, validator, *outcome);
}

Result<rpc::PushOutcome> Distributor::Rep::Store(PushJob& job, BatchBuilder& builder,
                                                 int64_t now_ns) {
  if (job.received.empty()) {
    job.tenant.metrics.AddEmptyPush("post-validation");
    return rpc::PushOutcome();
  }
  PublishReceived(job, builder, now_ns);
  model::PushBatch batch = builder.Finish();
  std::vector<ShardingInput> inputs = builder.sharding_inputs();
  ShardByTime(now_ns, options.time_shard.count(), inputs, batch);
  ShardStreams(job.tenant_id.value(), clock.MonotonicNs(), inputs, batch);
  Result<rpc::PushOutcome> outcome = replicator.Push(job.tenant_id, batch);
  if (outcome.ok()) AddRefusals(job, batch, *outcome);
  if (outcome.ok() && options.on_stored) options.on_stored(job.tenant_id, std::move(batch));
  return outcome;
}

Distributor::Distributor(const Options& options, const LimitsSource& limits, Replicator& replicator,
                         const Clock& clock)
    : rep_(std::make_unique<Rep>(options, limits, replicator, clock)) {}

Distributor::~Distributor() = default;

PushReply Distributor::Push(const model::TenantId& tenant_id, const PushContext& context,
                            model::PushBatch batch) {
  const std::shared_ptr<Tenant> tenant = rep_->TenantOf(tenant_id);
  PushJob job{.tenant_id = tenant_id, .tenant = *tenant, .context = context};
  const int64_t begin_ns = rep_->clock.MonotonicNs();
  PushReply reply = rep_->Push(job, std::move(batch));
  const Nanoseconds latency = tenant->rules.limits->simulated_push_latency;
  if (latency.count() > 0) {
    const Nanoseconds taken(rep_->clock.MonotonicNs() - begin_ns);
    if (taken < latency) rep_->options.sleep(latency - taken);
  }
  if (!reply.status.ok()) {
    tenant->refusal_log.Add(rep_->options.refusal_log, tenant_id.value(), reply.status,
                            tenant->rules.limits->operational.limited_log_push_errors,
                            rep_->clock.MonotonicNs());
  }
  return reply;
}

}  // namespace skald::distributor

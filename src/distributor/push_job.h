#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "distributor/batch_builder.h"
#include "distributor/distributor.h"
#include "distributor/ingest_limiter.h"
#include "distributor/push_metrics.h"
#include "distributor/push_rules.h"
#include "distributor/push_validator.h"
#include "distributor/refusal_log.h"
#include "distributor/refusals.h"
#include "distributor/stream_profile.h"
#include "model/ids.h"
#include "model/push_batch.h"
#include "rpc/ingester_client.h"

namespace skald::distributor {

// A tenant with the limits in force: one more is made when they change.
//
// Threads: the rules are immutable; metrics say for themselves.
struct Tenant {
  Tenant(std::string name, uint64_t id, std::shared_ptr<const Limits> limits);

  const uint64_t rules_id;  // Tells these rules from all others.
  const PushRules rules;
  PushMetrics metrics;
  RefusalLog refusal_log;
};

// One push on its way: what is known of it beside its entries, and what is made of that.
//
// Ownership: borrows what it refers to.
// Threads:   not synchronised; one for each push.
struct PushJob {
  const model::TenantId& tenant_id;
  Tenant& tenant;
  const PushContext& context;
  std::vector<std::shared_ptr<const StreamProfile>> profiles;  // Of the streams that were sent.
  Refusals refusals;
  std::vector<PushMetrics::Received> received;  // By policy, and of internal streams.
};

// Counts the push by how it was sent, unless it is one of the system itself.
void PublishForm(const PushJob& job);

// Counts the good entries of a stream.
void AddReceived(PushJob& job, const StreamProfile& profile,
                 const BatchBuilder::StreamTotals& totals);

// What of the push falls under which rate. `rate_share`: of the tenant's rate, for this process.
std::vector<IngestLimiter::Share> SharesOf(const PushJob& job, double rate_share);

// Counts what the ingesters have refused of `batch`.
void AddRefusals(PushJob& job, const model::PushBatch& batch, const rpc::PushOutcome& outcome);

// Bring what was refused, and what was good, to the metrics.
void PublishDiscarded(const PushJob& job);
void PublishReceived(const PushJob& job, const BatchBuilder& builder, int64_t now_ns);

// The answer when the ingesters have what was good. Refusals of limits come before those of
// content: they are worth trying again, and what is stored already is then dropped as duplicate.
PushReply ReplyFor(const PushJob& job, const PushValidator& validator,
                   const rpc::PushOutcome& outcome);

}  // namespace skald::distributor
